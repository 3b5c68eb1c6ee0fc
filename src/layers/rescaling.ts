import { float32 } from '../core/tensor.js';
import type { Value } from '../onnx/graph.js';
import type { Emitter } from '../ops/emitter.js';
import { defineLayer, misfit, onlyOf, type LayerDraft } from './define.js';

/** One number, or one per channel. */
type PerChannel = number | readonly number[];

interface RescalingConfig {
  readonly scale: PerChannel;
  readonly offset: PerChannel;
}

/** Keras `Rescaling`: `x · scale + offset`. */
export const Rescaling = defineLayer<RescalingConfig>({
  className: 'Rescaling',
  read: (reader) => ({ scale: reader.numbers('scale', 1), offset: reader.numbers('offset', 0) }),
  write: ({ scale, offset }) => ({ scale, offset }),
  outputShape: ({ scale, offset }, inputs, where) => {
    const shape = onlyOf(where, inputs);
    const fits = (factor: PerChannel) => typeof factor === 'number' || factor.length === shape.at(-1);
    if (fits(scale) && fits(offset)) return shape;
    throw misfit(where, inputs, 'one scale and offset per channel');
  },
  call: ({ scale, offset }, { o, x }) => {
    const scaled = o.mul(x, factorOf(o, x, scale));
    return offset === 0 ? scaled : o.add(scaled, factorOf(o, x, offset));
  },
});

/** Rescales pixels. @example rescaling(1 / 127.5, -1) */
export function rescaling(scale: PerChannel, offset: PerChannel = 0): LayerDraft {
  return Rescaling.draft({ scale, offset });
}

function factorOf(o: Emitter, x: Value, factor: PerChannel): Value | number {
  if (typeof factor === 'number') return factor;
  const shape = x.shape.length === 4 ? [1, factor.length, 1, 1] : [factor.length];
  return o.builder.constant(float32(factor, shape));
}
