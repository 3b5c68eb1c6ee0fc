import { float32, type Tensor } from '../../core/tensor.js';
import type { Value } from '../../onnx/graph.js';
import type { ConvGeometry } from '../../ops/conv-geometry.js';
import { rowLength, type Blocked } from '../blocked.js';
import { SMALL_MAP } from '../kernels.js';
import type { Lowering } from '../lowering.js';
import { hasPhases, phasedInputGrad } from './conv-depthwise-phases.js';
import {
  matrixForward,
  matrixInputGrad,
  matrixWeightGrad,
  type InputGradOperands,
} from './conv-depthwise-matrix.js';

/** Pixels up to which the matrix form also wins for 3×3 kernels without stride. */
const DIRECT_MAP = 128;

type Form = 'blocked' | 'matrix' | 'plain';

/** Which formulation a depthwise convolution takes; forward and both gradients agree on it. */
function formOf(lowering: Lowering, g: ConvGeometry, lanes: number): Form {
  const square = g.dh === 1 && g.dw === 1;
  if (lowering.kernels.kind === 'fast' && lanes === lowering.kernels.block && square) return 'blocked';
  return lanes === g.n && g.n > 1 && square && g.h * g.w <= SMALL_MAP ? 'matrix' : 'plain';
}

/**
 * The form for a product with the kernel, forward or back: a 3×3 kernel without stride has a fast kernel of
 * its own in ONNX Runtime, which beats large matrices even though lanes must be taken apart for it.
 */
function productForm(lowering: Lowering, g: ConvGeometry, lanes: number): Form {
  const form = formOf(lowering, g, lanes);
  const direct = g.kh === 3 && g.kw === 3 && g.sh === 1 && g.sw === 1;
  return form === 'matrix' && direct && g.h * g.w > DIRECT_MAP ? 'plain' : form;
}

/** `[C, N·Ho·Wo]` */
export function depthwiseForward(lowering: Lowering, g: ConvGeometry, x: Blocked, weights: Value): Value {
  const { o, rows } = lowering;
  const { lanes } = x.size;
  const content = lowering.content(x);
  const pads = [g.top, g.left, g.bottom, g.right];
  const strides = [g.sh, g.sw];
  const shape = [g.c, rowLength({ ...x.size, h: g.ho, w: g.wo })];
  switch (productForm(lowering, g, lanes)) {
    case 'matrix':
      return o.reshape(matrixForward(lowering, g, content, weights), shape);
    case 'blocked': {
      const filters = perLane(lowering, g, lanes, o.reshape(weights, [g.c, g.kh * g.kw]));
      return o.reshape(
        rows.blockedConv(content, g.c * g.n, g.h, g.w, filters, { kernel: [g.kh, g.kw], strides, pads }),
        shape,
      );
    }
    case 'plain': {
      const filters = perPicture(lowering, g, o.reshape(weights, [g.c, g.kh * g.kw]));
      const image = o.reshape(natural(lowering, g, content, lanes, g.h, g.w), [1, g.c * g.n, g.h, g.w]);
      const y = o.op('Conv', [image, filters], { group: g.c * g.n, strides, pads, dilations: [g.dh, g.dw] });
      return laned(lowering, g, y, lanes, g.ho, g.wo);
    }
  }
}

/** `[C, kh·kw]`, for dy before its row scale. */
export function depthwiseWeightGrad(lowering: Lowering, g: ConvGeometry, x: Blocked, dy: Value): Value {
  const { o, rows } = lowering;
  const { lanes } = x.size;
  const content = lowering.content(x);
  // The padding that makes exactly kh × kw positions of the dilated dy fit.
  const bottom = g.dh * (g.kh - 1) + g.sh * (g.ho - 1) + 1 - g.h - g.top;
  const right = g.dw * (g.kw - 1) + g.sw * (g.wo - 1) + 1 - g.w - g.left;
  const pads = [g.top, g.left, bottom, right];
  const form = formOf(lowering, g, lanes);
  if (form === 'matrix') return matrixWeightGrad(lowering, g, content, dy);
  if (form === 'blocked' && bottom >= 0 && right >= 0) {
    const kernel = [g.ho, g.wo] as const;
    const y = rows.blockedConv(content, g.c * g.n, g.h, g.w, dy, { kernel, dilations: [g.sh, g.sw], pads });
    return o.reduceSum(o.reshape(y, [g.c, g.n / lanes, g.kh * g.kw, lanes]), [1, 3], false);
  }
  const image = o.reshape(natural(lowering, g, content, lanes, g.h, g.w), [g.n * g.c, g.h, g.w]);
  const filters = o.reshape(natural(lowering, g, dy, lanes, g.ho, g.wo), [g.c, g.n, g.ho, g.wo]);
  const used = o.slice(image, [0, 0], [g.h + Math.min(bottom, 0), g.w + Math.min(right, 0)], [1, 2]);
  const [h, w] = [used.shape[1] ?? 1, used.shape[2] ?? 1];
  const y = o.op('Conv', [o.reshape(used, [1, g.c * g.n, h, w]), filters], {
    group: g.c,
    strides: [g.dh, g.dw],
    dilations: [g.sh, g.sw],
    pads: pads.map((pad) => Math.max(pad, 0)),
  });
  return o.reshape(y, [g.c, g.kh * g.kw]);
}

/** `[C, N·H·W]` */
export function depthwiseInputGrad(lowering: Lowering, g: ConvGeometry, operands: InputGradOperands): Value {
  const { o } = lowering;
  const { lanes, dy, weights, scale } = operands;
  const form = productForm(lowering, g, lanes);
  if (form === 'matrix') return matrixInputGrad(lowering, g, operands);
  const flat = o.reshape(weights, [g.c, g.kh * g.kw]);
  const scaled = scale === undefined ? flat : o.mul(flat, scale);
  if (form === 'blocked' && hasPhases(g)) {
    const repeat = (kernels: Value) => perLane(lowering, g, lanes, kernels);
    return phasedInputGrad(lowering, g, { lanes, dy, weights: scaled }, repeat);
  }
  const pads = flippedPads(g);
  if (form === 'blocked' && Math.min(...pads) >= 0) {
    return blockedInputGrad(lowering, g, { lanes, dy, weights: scaled, pads });
  }
  const image = o.reshape(natural(lowering, g, dy, lanes, g.ho, g.wo), [1, g.c * g.n, g.ho, g.wo]);
  const dense = g.sh === 1 && g.sw === 1 && g.dh === 1 && g.dw === 1;
  if (dense && Math.min(...pads) >= 0) {
    const filters = perPicture(lowering, g, flipped(lowering, g, scaled));
    const dx = o.op('Conv', [image, filters], { group: g.c * g.n, pads });
    return laned(lowering, g, dx, lanes, g.h, g.w);
  }
  const extra = [
    g.h + g.top + g.bottom - ((g.ho - 1) * g.sh + g.dh * (g.kh - 1) + 1),
    g.w + g.left + g.right - ((g.wo - 1) * g.sw + g.dw * (g.kw - 1) + 1),
  ];
  const dx = o.op('ConvTranspose', [image, perPicture(lowering, g, scaled)], {
    group: g.c * g.n,
    strides: [g.sh, g.sw],
    dilations: [g.dh, g.dw],
    pads: [g.top, g.left, g.bottom, g.right],
    output_padding: extra,
  });
  return laned(lowering, g, dx, lanes, g.h, g.w);
}

/** Padding of the zero-stuffed dy; negative where the forward padding exceeds what the kernel needs. */
function flippedPads(g: ConvGeometry): readonly number[] {
  const [top, left] = [g.kh - 1 - g.top, g.kw - 1 - g.left];
  return [top, left, g.h - g.ho * g.sh + g.kh - 1 - top, g.w - g.wo * g.sw + g.kw - 1 - left];
}

interface FlippedOperands {
  readonly lanes: number;
  readonly dy: Value;
  /** `[C, kh·kw]` */
  readonly weights: Value;
  readonly pads: readonly number[];
}

/** Correlation of the zero-stuffed dy with the flipped kernel. */
function blockedInputGrad(lowering: Lowering, g: ConvGeometry, operands: FlippedOperands): Value {
  const { o, rows } = lowering;
  const { lanes, dy, weights, pads } = operands;
  const filters = perLane(lowering, g, lanes, flipped(lowering, g, weights));
  const stuffed = zeroStuffed(lowering, g, lanes, dy);
  const options = { kernel: [g.kh, g.kw], pads } as const;
  const dx = rows.blockedConv(stuffed, g.c * g.n, g.ho * g.sh, g.wo * g.sw, filters, options);
  return o.reshape(dx, [g.c, g.n * g.h * g.w]);
}

/** `[C, kh·kw]` kernels turned by half a circle. */
function flipped({ o }: Lowering, g: ConvGeometry, weights: Value): Value {
  return o.op('Gather', [weights, o.builder.ints(descending(g.kh * g.kw))], { axis: 1 });
}

/** dy with sh − 1 rows and sw − 1 columns of zeros after each of its own, as `[…, Ho·sh, Wo·sw, lanes]`. */
function zeroStuffed(lowering: Lowering, g: ConvGeometry, lanes: number, dy: Value): Value {
  if (g.sh === 1 && g.sw === 1) return dy;
  const { o } = lowering;
  const split = o.reshape(dy, [((g.c * g.n) / lanes) * g.ho, 1, g.wo, 1, lanes]);
  return o.pad(split, [0, 0, 0, 0, 0, 0, g.sh - 1, 0, g.sw - 1, 0]);
}

/**
 * Kernels repeated for every picture in blocked order, `[C, N/B · taps · B]`: a product with a constant 0/1
 * matrix, which is several times faster than Expand into 8 or 16 lanes.
 */
function perLane(lowering: Lowering, g: ConvGeometry, lanes: number, weights: Value): Value {
  const taps = weights.shape[1] ?? 1;
  const name = `lanes_${taps}x${g.n}x${lanes}`;
  const known = lowering.saved.get(name);
  const selection = known ?? lowering.builder.initializer(name, laneSelection(taps, g.n / lanes, lanes));
  lowering.saved.set(name, selection);
  return lowering.o.matMul(weights, selection);
}

/** `[taps, blocks · taps · lanes]` with a 1 where the column holds that tap. */
function laneSelection(taps: number, blocks: number, lanes: number): Tensor<'float32'> {
  const width = blocks * taps * lanes;
  const data = new Float32Array(taps * width);
  for (let column = 0; column < width; column++)
    data[(Math.floor(column / lanes) % taps) * width + column] = 1;
  return float32(data, [taps, width]);
}

/** Kernels repeated for every picture, `[C·N, 1, kh, kw]`. */
function perPicture(lowering: Lowering, g: ConvGeometry, weights: Value): Value {
  const { o } = lowering;
  const taps = g.kh * g.kw;
  return o.reshape(o.expand(o.reshape(weights, [g.c, 1, taps]), [g.c, g.n, taps]), [
    g.c * g.n,
    1,
    g.kh,
    g.kw,
  ]);
}

/** `[C, N/B, H·W, B]` → `[C, N, H, W]`. */
function natural(
  lowering: Lowering,
  g: ConvGeometry,
  rows: Value,
  lanes: number,
  h: number,
  w: number,
): Value {
  const { o } = lowering;
  if (lanes === 1) return o.reshape(rows, [g.c, g.n, h, w]);
  const split = o.reshape(rows, [(g.c * g.n) / lanes, h * w, lanes]);
  return o.reshape(lowering.rows.exchange(split), [g.c, g.n, h, w]);
}

/** The inverse of {@link natural}, as rows. */
function laned(lowering: Lowering, g: ConvGeometry, map: Value, lanes: number, h: number, w: number): Value {
  const { o } = lowering;
  const shape = [g.c, g.n * h * w];
  if (lanes === 1) return o.reshape(map, shape);
  const split = o.reshape(map, [(g.c * g.n) / lanes, lanes, h * w]);
  return o.reshape(lowering.rows.exchange(split), shape);
}

function descending(count: number): number[] {
  return Array.from({ length: count }, (_, i) => count - 1 - i);
}
