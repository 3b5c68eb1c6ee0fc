import type { Value } from '../../onnx/graph.js';
import type { ConvGeometry } from '../../ops/conv-geometry.js';
import type { Emitter } from '../../ops/emitter.js';
import { rowLength, type Blocked, type MapSize } from '../blocked.js';
import type { Lowering } from '../lowering.js';

/** A map spread over its taps may hold so many times the elements of the convolution's input. */
const MOST_SPREAD = 4;

/**
 * Whether a dense convolution with several taps runs on matrices whose rows are output channels times taps:
 * cheap where the outputs are few beside the inputs, as in DenseNet's blocks (32 of 128).
 */
export function spreads(g: ConvGeometry): boolean {
  const plain = g.group === 1 && g.dh === 1 && g.dw === 1 && g.sh === 1 && g.sw === 1;
  const inside = Math.max(g.top, g.bottom) < g.kh && Math.max(g.left, g.right) < g.kw;
  return plain && inside && g.k * g.kh * g.kw * g.ho * g.wo <= MOST_SPREAD * g.c * g.h * g.w;
}

/** `[K, C, kh, kw]` → `[kh·kw·K, C]`: one row per tap and output channel. */
export function spreadWeights(o: Emitter, g: ConvGeometry, weights: Value): Value {
  return o.reshape(o.transpose(weights, [2, 3, 0, 1]), [g.kh * g.kw * g.k, g.c]);
}

/** The inverse of {@link spreadWeights}. */
export function gatherWeights(o: Emitter, g: ConvGeometry, rows: Value): Value {
  return o.transpose(o.reshape(rows, [g.kh, g.kw, g.k, g.c]), [2, 3, 0, 1]);
}

/**
 * Every tap's product with the whole input is one matrix product, `[kh·kw·K, N·H·W]`; the output is the sum of the
 * taps, each moved by its place in the window. `[K, N·Ho·Wo]`
 */
export function spreadForward(lowering: Lowering, g: ConvGeometry, map: Blocked, weights: Value): Value {
  const { o } = lowering;
  const { lanes } = map.size;
  const planes = (g.k * g.n) / lanes;
  const products = o.matMul(spreadWeights(o, g, weights), lowering.content(map));
  const image = o.reshape(products, [g.kh * g.kw * planes, g.h, g.w, lanes]);
  const padded = o.pad(image, [0, g.top, g.left, 0, 0, g.bottom, g.right, 0]);
  const moved = taps(g).map(([y, x, tap]) => {
    const ends = [(tap + 1) * planes, y + g.ho, x + g.wo];
    return o.slice(padded, [tap * planes, y, x], ends, [0, 1, 2]);
  });
  const sum = moved.reduce((total, tap) => o.add(total, tap));
  return o.reshape(sum, [g.k, rowLength({ ...map.size, h: g.ho, w: g.wo })]);
}

/**
 * The output's gradient as each tap meets the input, `[kh·kw·K, N·H·W]`: both gradients of the convolution are one
 * matrix product with it.
 *
 * @param name of the gradient in the source graph, under which the result is shared
 * @param dy `[K, N·Ho·Wo]`
 */
export function spreadGradient(
  lowering: Lowering,
  g: ConvGeometry,
  { name, dy, lanes }: { readonly name: string; readonly dy: Value; readonly lanes: number },
): Value {
  const key = `taps of ${name} by ${[g.kh, g.kw, g.top, g.left, g.h, g.w].join()} in ${lanes} lanes`;
  const known = lowering.saved.get(key);
  if (known !== undefined) return known;
  const { o } = lowering;
  const image = o.reshape(dy, [(g.k * g.n) / lanes, g.ho, g.wo, lanes]);
  // Input row i meets output row i + top − tap.
  const [above, left] = [g.kh - 1 - g.top, g.kw - 1 - g.left];
  const [below, right] = [g.h - g.ho + g.top, g.w - g.wo + g.left];
  const padded = o.pad(image, [0, above, left, 0, 0, below, right, 0]);
  const size: MapSize = { n: g.n, c: g.k, h: g.h, w: g.w, lanes };
  const moved = taps(g).map(([y, x]) => {
    const begins = [g.kh - 1 - y, g.kw - 1 - x] as const;
    const slice = o.slice(padded, begins, [begins[0] + g.h, begins[1] + g.w], [1, 2]);
    return o.reshape(slice, [g.k, rowLength(size)]);
  });
  const spread = o.concat(moved, 0);
  lowering.saved.set(key, spread);
  return spread;
}

/** [row, column, index] of every tap of the window. */
function taps({ kh, kw }: ConvGeometry): (readonly [number, number, number])[] {
  return Array.from({ length: kh * kw }, (_, tap) => [Math.floor(tap / kw), tap % kw, tap] as const);
}
