import type { Blocked } from '../blocked.js';
import type { Lowering, SourceNode } from '../lowering.js';

/**
 * Lowers one node in blocked layout and defines its outputs; returns false to leave the node to ONNX's
 * own layout.
 */
export type LoweringRule = (lowering: Lowering, source: SourceNode) => boolean;

/** The i-th input name of a node, `''` when omitted. */
export function inputName({ node }: SourceNode, i: number): string {
  return node.inputs[i] ?? '';
}

/** The i-th output name of a node. */
export function outputName({ node }: SourceNode, i = 0): string {
  return node.outputs[i] ?? '';
}

/** Whether any input of the node is a feature map in blocked layout. */
export function anyBlocked(lowering: Lowering, { node }: SourceNode): boolean {
  return node.inputs.some((name) => lowering.isBlocked(name));
}

/** The row scale of a map that is pending as `scale ⊙ base`, so that matrix products can absorb it. */
export function splitScale(lowering: Lowering, map: Blocked) {
  const { affine } = map;
  if (affine?.scale !== undefined && affine.shift === undefined && affine.addend === undefined) {
    return { base: affine.base, scale: affine.scale };
  }
  return { base: lowering.content(map), scale: undefined };
}
