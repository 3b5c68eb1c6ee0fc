import { GraphError } from '../core/errors.js';
import { MIEN_DOMAIN, type Graph, type Value } from '../onnx/graph.js';
import { decomposeGraph } from '../ops/decompose.js';
import { operatorOf } from '../ops/registry.js';
import { withoutDeadNodes } from './dead-nodes.js';
import { withDirectOutputs } from './direct-outputs.js';
import type { KernelSet } from './kernels.js';
import { Lowering, type SourceNode } from './lowering.js';
import { loweredSchemaOf } from './nchwc-schema.js';
import { shieldPadding } from './shield-padding.js';
import { sinkPreprocessing } from './sink.js';
import { ruleOf } from './rules/index.js';

/**
 * Rewrites a graph in ONNX's own operators, choosing layouts and formulations that ONNX Runtime runs
 * fast. Convolutions that train, and what follows them, run in blocked layout (see {@link Blocked});
 * frozen parts stay in NCHW, where the runtime's own optimizer folds and fuses them.
 *
 * @example
 * const model = encodeModel(lowerGraph(step, { kind: 'portable' }));
 */
export function lowerGraph(source: Graph, kernels: KernelSet): Graph {
  const lowering = new Lowering(source, kernels, sinkPreprocessing(source));
  for (const node of source.nodes) {
    const resolved = lowering.resolve(node);
    lowering.builder.within(node.name, () => {
      if (ruleOf(node)?.(lowering, resolved) !== true) lowerPlain(lowering, resolved);
    });
  }
  for (const output of source.outputs) defineOutput(lowering, output);
  const lowered = withoutDeadNodes(lowering.builder.build(source.metadata));
  // Decompositions may use operators of Mien's own in their turn.
  return shieldPadding(withDirectOutputs(checked(decomposeGraph(lowered, loweredSchemaOf))));
}

/** No operator of Mien's own domain may be left. */
function checked(graph: Graph): Graph {
  const own = graph.nodes.find((node) => node.domain === MIEN_DOMAIN);
  if (own === undefined) return graph;
  throw new GraphError({
    where: 'lowering',
    received: `${own.opType} "${own.name}"`,
    expected: 'ONNX operators only',
  });
}

/** A node in ONNX's own layout: itself, or its decomposition. */
function lowerPlain(lowering: Lowering, { node, attributes }: SourceNode): void {
  const operator = operatorOf(node.opType, node.domain);
  const inputs = node.inputs.map((name) => (name === '' ? undefined : lowering.plain(name)));
  const results =
    operator.decompose === undefined
      ? lowering.builder.node(node.opType, inputs, definedOnly(attributes), { domain: node.domain })
      : (operator.decompose as Decompose)({ o: lowering.o, inputs, attributes });
  node.outputs.forEach((name, i) => {
    const result = results[i];
    if (result !== undefined && name !== '') lowering.define(name, result);
  });
}

type Decompose = (context: {
  o: Lowering['o'];
  inputs: readonly (Value | undefined)[];
  attributes: SourceNode['attributes'];
}) => readonly Value[];

function definedOnly(attributes: SourceNode['attributes']): SourceNode['attributes'] {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

function defineOutput(lowering: Lowering, output: Value): void {
  lowering.builder.output(output.name, lowering.plain(output.name));
}
