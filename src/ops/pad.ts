import { GraphError } from '../core/errors.js';
import { normalizeAxis, type Shape } from '../core/tensor.js';
import type { Value } from '../onnx/graph.js';
import type { InferenceContext } from '../onnx/schema.js';
import { constantInts, intsOf, required, requireScalar } from './infer.js';
import { defineOperator } from './operator.js';
import { padArray, type PadMode } from './reference/pad.js';

/**
 * Adds a border (ONNX `Pad`): constant `pads` hold all begins, then all ends, none negative (use Slice to crop).
 *
 * Modes: `constant` (third input, default 0), `reflect` (mirror without the edge), `edge` (repeat it).
 * Only `constant` is differentiable, and not with respect to the constant.
 */
export const pad = defineOperator({
  opType: 'Pad',
  since: 18,
  inputs: [2, 4],
  attributes: { mode: { kind: 'string', default: 'constant' } },
  infer: (inputs, { mode }, context) => {
    const x = required('Pad', inputs, 0);
    if (inputs[2] !== undefined) requireScalar('Pad', 'a fill value', inputs[2]);
    const { begins, ends } = padsOf(inputs, context);
    checkMode(modeOf(mode), x.shape, [...begins, ...ends]);
    return [{ dtype: x.dtype, shape: x.shape.map((size, i) => size + (begins[i] ?? 0) + (ends[i] ?? 0)) }];
  },
  gradient: ({ o, inputs, grads: [dy], attributes: { mode }, needs }) => {
    if (dy === undefined) return [];
    if (mode !== 'constant' || needs[2] === true) throw noGradient(mode);
    const { shape } = required('Pad', inputs, 0);
    const { begins } = padsOf(inputs, o.builder);
    const axes = shape.flatMap((size, axis) => (size === dy.shape[axis] ? [] : [axis]));
    if (axes.length === 0) return [dy];
    const starts = axes.map((axis) => begins[axis] ?? 0);
    const ends = axes.map((axis) => (begins[axis] ?? 0) + (shape[axis] ?? 0));
    return [o.slice(dy, starts, ends, axes)];
  },
  reference: (inputs, { mode }) => {
    const x = required('Pad', inputs, 0);
    const pads = resolvePads(
      x.shape.length,
      intsOf(required('Pad', inputs, 1)),
      inputs[3] && intsOf(inputs[3]),
    );
    return [padArray(x, pads.begins, pads.ends, modeOf(mode), inputs[2]?.data[0] ?? 0)];
  },
});

interface Pads {
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}

function padsOf(inputs: readonly (Value | undefined)[], context: InferenceContext): Pads {
  const pads = constantInts('Pad', required('Pad', inputs, 1), context);
  const axes = inputs[3] && constantInts('Pad', inputs[3], context);
  return resolvePads(required('Pad', inputs, 0).shape.length, pads, axes);
}

function resolvePads(rank: number, pads: readonly number[], given: readonly number[] | undefined): Pads {
  const axes = given ?? Array.from({ length: rank }, (_, axis) => axis);
  if (pads.length !== 2 * axes.length || pads.some((size) => size < 0)) {
    const expected = `${2 * axes.length} sizes of at least 0`;
    throw new GraphError({ where: 'Pad', received: `pads [${pads.join(', ')}]`, expected });
  }
  const [begins, ends] = [new Array<number>(rank).fill(0), new Array<number>(rank).fill(0)];
  axes.forEach((axis, i) => {
    begins[normalizeAxis('Pad', axis, rank)] = pads[i] ?? 0;
    ends[normalizeAxis('Pad', axis, rank)] = pads[i + axes.length] ?? 0;
  });
  return { begins, ends };
}

function modeOf(mode: string): PadMode {
  if (mode === 'constant' || mode === 'reflect' || mode === 'edge') return mode;
  throw new GraphError({ where: 'Pad', received: `mode "${mode}"`, expected: 'constant, reflect or edge' });
}

function checkMode(mode: PadMode, shape: Shape, pads: readonly number[]): void {
  const wide = pads.some((size, i) => size >= (shape[i % shape.length] ?? 0));
  if (mode !== 'reflect' || !wide) return;
  const received = `pads [${pads.join(', ')}] for shape [${shape.join(', ')}]`;
  throw new GraphError({ where: 'Pad', received, expected: 'mirrored borders narrower than the value' });
}

function noGradient(mode: string): GraphError {
  const received = mode === 'constant' ? 'a fill value that needs a gradient' : `mode "${mode}"`;
  return new GraphError({ where: 'gradient of Pad', received, expected: 'a constant border' });
}
