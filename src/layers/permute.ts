import { sizeOf, stridesOf, type Shape } from '../core/tensor.js';
import { engineShape, type WeightSpec } from './layer.js';

/**
 * Reorders the axes of a dense array: output axis i is input axis `order[i]`.
 *
 * @example permuteAxes(kernelHWIO, [3, 3, 16, 32], [3, 2, 0, 1]) // OIHW
 */
export function permuteAxes(
  data: Float32Array,
  shape: Shape,
  order: readonly number[],
): Float32Array<ArrayBuffer> {
  const strides = stridesOf(shape);
  const outShape = order.map((axis) => shape[axis] ?? 1);
  const outStrides = order.map((axis) => strides[axis] ?? 1);
  const out = new Float32Array(sizeOf(outShape));
  const index = new Array<number>(order.length).fill(0);
  let source = 0;
  for (let flat = 0; flat < out.length; flat++) {
    out[flat] = data[source] ?? 0;
    for (let axis = order.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      const step = outStrides[axis] ?? 1;
      const size = outShape[axis] ?? 1;
      index[axis] = next < size ? next : 0;
      source += next < size ? step : -step * (size - 1);
      if (next < size) break;
    }
  }
  return out;
}

/** A weight's values in engine layout (the same array where the layouts agree). */
export function toEngine(spec: WeightSpec, keras: Float32Array): Float32Array {
  return spec.engineOrder === undefined ? keras : permuteAxes(keras, spec.shape, spec.engineOrder);
}

/** A weight's values in Keras layout: the inverse of {@link toEngine}. */
export function toKeras(spec: WeightSpec, engine: Float32Array): Float32Array {
  if (spec.engineOrder === undefined) return engine;
  const { engineOrder } = spec;
  const inverse = engineOrder.map((_, axis) => engineOrder.indexOf(axis));
  return permuteAxes(engine, engineShape(spec), inverse);
}
