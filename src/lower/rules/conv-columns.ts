import type { Value } from '../../onnx/graph.js';
import type { ConvGeometry } from '../../ops/conv-geometry.js';
import type { Emitter } from '../../ops/emitter.js';
import { rowLength, type Blocked } from '../blocked.js';
import type { Lowering } from '../lowering.js';

/** Dense convolutions of at most this many input channels times taps run as one matrix product. */
const FEW_TAPS = 64;

/** Whether copying the input once per tap is cheap: the stem, which reads three channels. */
export function hasFewTaps(g: ConvGeometry): boolean {
  return g.group === 1 && g.c * g.kh * g.kw <= FEW_TAPS && g.dh === 1 && g.dw === 1;
}

/**
 * One row per tap and channel, `[kh·kw·C, N·Ho·Wo]` (im2col), by strided slices of the padded input.
 * Shared between the forward pass and the weight gradient.
 */
export function imageColumns(lowering: Lowering, g: ConvGeometry, name: string, map: Blocked): Value {
  const window = [g.kh, g.kw, g.sh, g.sw, g.top, g.left, g.bottom, g.right];
  const key = `columns of ${name} by ${window.join()} in ${map.size.lanes} lanes`;
  const known = lowering.saved.get(key);
  if (known !== undefined) return known;
  const { o } = lowering;
  const { lanes } = map.size;
  const planes = (g.c * g.n) / lanes;
  const image = o.reshape(lowering.content(map), [planes, g.h, g.w, lanes]);
  const padded = o.pad(image, [0, g.top, g.left, 0, 0, g.bottom, g.right, 0]);
  const taps = Array.from({ length: g.kh * g.kw }, (_, tap) => {
    const [y, x] = [Math.floor(tap / g.kw), tap % g.kw];
    const ends = [y + (g.ho - 1) * g.sh + 1, x + (g.wo - 1) * g.sw + 1];
    const slice = o.slice(padded, [y, x], ends, [1, 2], [g.sh, g.sw]);
    return o.reshape(slice, [g.c, rowLength({ ...map.size, h: g.ho, w: g.wo })]);
  });
  const columns = o.concat(taps, 0);
  lowering.saved.set(key, columns);
  return columns;
}

/** `[K, C, kh, kw]` → `[K, kh·kw·C]`, the order of {@link imageColumns}. */
export function weightsToTaps(o: Emitter, g: ConvGeometry, weights: Value): Value {
  return o.reshape(o.transpose(weights, [0, 2, 3, 1]), [g.k, g.kh * g.kw * g.c]);
}

/** The inverse of {@link weightsToTaps}. */
export function tapsToWeights(o: Emitter, g: ConvGeometry, taps: Value): Value {
  return o.transpose(o.reshape(taps, [g.k, g.kh, g.kw, g.c]), [0, 3, 1, 2]);
}
