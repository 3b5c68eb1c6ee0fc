import { GraphError } from '../core/errors.js';
import { normalizeAxis, stridesOf, type Shape } from '../core/tensor.js';
import type { Value } from '../onnx/graph.js';
import type { InferenceContext } from '../onnx/schema.js';
import type { Emitter } from './emitter.js';
import { constantInts, intsOf, required } from './infer.js';
import { defineOperator } from './operator.js';
import { flatIndex, gatherStrided } from './reference/ndarray.js';

/** `x[starts:ends:steps]` along constant axes with positive steps (ONNX `Slice`). */
export const slice = defineOperator({
  opType: 'Slice',
  since: 13,
  inputs: [3, 5],
  attributes: {},
  infer: (inputs, _, context) => {
    const { dtype } = required('Slice', inputs, 0);
    return [{ dtype, shape: rangesOf(inputs, context).map((range) => range.count) }];
  },
  // Zeros go where nothing was taken.
  gradient: ({ o, inputs, grads: [dy] }) =>
    dy === undefined ? [] : [scatter(o, dy, required('Slice', inputs, 0).shape, rangesOf(inputs, o.builder))],
  reference: (inputs) => {
    const x = required('Slice', inputs, 0);
    const lists = inputs.slice(1).map((list) => list && intsOf(list));
    const ranges = resolveRanges(x.shape, lists);
    const strides = stridesOf(x.shape);
    const offset = flatIndex(
      ranges.map((range) => range.start),
      strides,
    );
    const steps = ranges.map((range, axis) => range.step * (strides[axis] ?? 0));
    return [
      gatherStrided(
        x,
        ranges.map((range) => range.count),
        steps,
        offset,
      ),
    ];
  },
});

/** What is taken along one axis: `count` elements from `start`, `step` apart. */
interface Range {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

function scatter(o: Emitter, dy: Value, shape: Shape, ranges: readonly Range[]): Value {
  const spread = ranges.reduce((x, { step }, axis) => o.dilate(x, axis, step), dy);
  const begins = ranges.map((range) => range.start);
  const ends = shape.map((size, axis) => size - (begins[axis] ?? 0) - (spread.shape[axis] ?? 0));
  return [...begins, ...ends].every((pad) => pad === 0) ? spread : o.pad(spread, [...begins, ...ends]);
}

function rangesOf(inputs: readonly (Value | undefined)[], context: InferenceContext): Range[] {
  const lists = inputs.slice(1).map((list) => list && constantInts('Slice', list, context));
  return resolveRanges(required('Slice', inputs, 0).shape, lists);
}

function resolveRanges(shape: Shape, lists: readonly (readonly number[] | undefined)[]): Range[] {
  const starts = lists[0] ?? [];
  const ends = lists[1] ?? [];
  const axes = lists[2] ?? starts.map((_, i) => i);
  const steps = lists[3] ?? starts.map(() => 1);
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length) {
    const received = [starts, ends, axes, steps].map((list) => list.length).join(', ');
    throw new GraphError({
      where: 'Slice',
      received: `${received} numbers`,
      expected: 'lists of one length',
    });
  }
  const ranges: Range[] = shape.map((size) => ({ start: 0, step: 1, count: size }));
  starts.forEach((start, i) => {
    const axis = normalizeAxis('Slice', axes[i] ?? 0, shape.length);
    ranges[axis] = resolveRange(shape[axis] ?? 0, start, ends[i] ?? 0, steps[i] ?? 1);
  });
  return ranges;
}

function resolveRange(size: number, from: number, to: number, step: number): Range {
  if (step < 1)
    throw new GraphError({ where: 'Slice', received: `step ${step}`, expected: 'a positive step' });
  const clamp = (index: number) => Math.min(size, Math.max(0, index < 0 ? index + size : index));
  const [start, end] = [clamp(from), clamp(to)];
  const count = Math.max(0, Math.ceil((end - start) / step));
  if (count > 0) return { start, step, count };
  const received = `${from}:${to} of an axis of ${size}`;
  throw new GraphError({ where: 'Slice', received, expected: 'at least one element' });
}
