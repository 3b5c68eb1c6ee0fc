import { broadcastShapes, type Shape } from '../core/tensor.js';
import type { Value } from '../onnx/graph.js';
import type { Emitter } from '../ops/emitter.js';
import { defineLayer, misfit, type LayerDraft, type LayerType } from './define.js';

/** Keras `Add`: the sum of two or more inputs. */
export const Add = merging('Add', (o, a, b) => o.add(a, b));

/** Keras `Multiply`: the product of two or more inputs. */
export const Multiply = merging('Multiply', (o, a, b) => o.mul(a, b));

/** The sum of its inputs. */
export function add(): LayerDraft {
  return Add.draft(null);
}

/** The product of its inputs; axes of size 1 are repeated. */
export function multiply(): LayerDraft {
  return Multiply.draft(null);
}

/** Keras `Concatenate`. `axis` counts the batch axis as 0. */
export const Concatenate = defineLayer<{ readonly axis: number }>({
  className: 'Concatenate',
  read: (reader) => ({ axis: reader.integer('axis', -1, -4) }),
  write: ({ axis }) => ({ axis }),
  outputShape: ({ axis }, inputs, where) => {
    const [first] = inputs;
    if (first === undefined) throw misfit(where, inputs, 'two or more inputs');
    const place = (axis < 0 ? axis + first.length + 1 : axis) - 1;
    const fits = (shape: Shape) =>
      shape.length === first.length && shape.every((size, i) => i === place || size === first[i]);
    if (place < 0 || place >= first.length || !inputs.every(fits))
      throw misfit(where, inputs, `inputs that differ along axis ${axis} only`);
    return first.map((size, i) => (i === place ? inputs.reduce((sum, s) => sum + (s[i] ?? 0), 0) : size));
  },
  call: ({ axis }, { o, x, inputs }) => {
    const rank = x.shape.length;
    return o.concat(inputs, engineAxis(axis < 0 ? axis + rank : axis, rank));
  },
});

/** Joins inputs along an axis, channels by default. */
export function concatenate(axis = -1): LayerDraft {
  return Concatenate.draft({ axis });
}

function merging(className: string, merge: (o: Emitter, a: Value, b: Value) => Value): LayerType<null> {
  return defineLayer<null>({
    className,
    read: () => null,
    write: () => ({}),
    outputShape: (_, inputs, where) => mergedShape(inputs, where),
    call: (_, { o, inputs: [first, ...others], x }) =>
      others.reduce((sum, next) => merge(o, sum, next), first ?? x),
  });
}

/** The broadcast shape of inputs of one rank. @throws InputError */
export function mergedShape(inputs: readonly Shape[], where: string): Shape {
  const [first, ...others] = inputs;
  const fits = others.length > 0 && others.every((shape) => shape.length === first?.length);
  if (first === undefined || !fits) throw misfit(where, inputs, 'two or more inputs of one rank');
  try {
    return others.reduce((shape, next) => broadcastShapes(where, shape, next), first);
  } catch {
    throw misfit(where, inputs, 'inputs whose sizes agree or are 1');
  }
}

/** Keras axis (batch is 0) → engine axis. */
function engineAxis(axis: number, rank: number): number {
  return rank === 4 ? ([0, 2, 3, 1][axis] ?? axis) : axis;
}
