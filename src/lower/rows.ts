import { float32 } from '../core/tensor.js';
import type { Value } from '../onnx/graph.js';
import type { Emitter } from '../ops/emitter.js';
import { rowLength, type MapSize, type PlaneAffine, type RowAffine } from './blocked.js';
import type { KernelSet } from './kernels.js';
import { NCHWC_DOMAIN } from './nchwc-schema.js';

/** An activation that the blocked convolution can apply on its way out. */
export interface FusedActivation {
  readonly name: 'Relu' | 'Clip';
  readonly params?: readonly number[];
}

/** Options of {@link Rows.blockedConv}. */
export interface BlockedConvOptions {
  readonly kernel?: readonly [number, number];
  readonly strides?: readonly number[];
  readonly pads?: readonly number[];
  readonly dilations?: readonly number[];
  /** `[groups]` */
  readonly bias?: Value | undefined;
  readonly addend?: Value | undefined;
  readonly activation?: FusedActivation | undefined;
}

/** Row and plane primitives over `[C, M]` matrices, in both kernel sets. */
export class Rows {
  constructor(
    readonly o: Emitter,
    readonly kernels: KernelSet,
  ) {}

  /** Whether the blocked kernel can read this map. */
  isBlocked(size: MapSize): boolean {
    return this.kernels.kind === 'fast' && size.lanes === this.kernels.block && size.h * size.w > 1;
  }

  /** Depthwise blocked convolution over `[1, groups, h, w]`; `weights` holds groups · kernel elements. */
  blockedConv(
    x: Value,
    groups: number,
    h: number,
    w: number,
    weights: Value,
    options: BlockedConvOptions = {},
  ): Value {
    const { kernel = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1] } = options;
    const { bias, addend, activation } = options;
    const { o } = this;
    const image = o.reshape(x, [1, groups, h, w]);
    const filter = o.reshape(weights, [groups, 1, ...kernel]);
    const attributes = {
      group: groups,
      kernel_shape: kernel,
      strides,
      pads,
      dilations,
      activation: activation?.name,
      activation_params: activation?.params,
    };
    // The addend has the output's size, which equals the input's wherever one is used.
    const sum = addend === undefined ? undefined : o.reshape(addend, [1, groups, h, w]);
    const inputs = sum === undefined ? [image, filter, ...(bias ? [bias] : [])] : [image, filter, bias, sum];
    return o.op('Conv', inputs, attributes, NCHWC_DOMAIN);
  }

  /** `activation(scale ⊙ base + shift + addend)`, `[C, M]`. */
  affine(size: MapSize, { base, scale, shift, addend }: RowAffine, activation?: FusedActivation): Value {
    if (this.isBlocked(size)) return this.blockedAffine(size, { base, scale, shift, addend }, activation);
    const { o } = this;
    let y = scale === undefined ? base : o.mul(base, scale);
    if (shift !== undefined) y = o.add(y, shift);
    if (addend !== undefined) y = o.add(y, addend);
    if (activation?.name === 'Relu') return o.relu(y);
    if (activation === undefined) return y;
    const [low = 0, high = 0] = activation.params ?? [];
    return o.op('Clip', [y, o.scalar(low), o.scalar(high)]);
  }

  private blockedAffine(size: MapSize, affine: RowAffine, activation?: FusedActivation): Value {
    const { o } = this;
    const { base, scale, shift, addend } = affine;
    const { c, n, h, w, lanes } = size;
    const weights = this.perLane(size, scale ?? o.expand(o.reshape(o.scalar(1), [1, 1]), [c, 1]));
    const bias = shift === undefined ? undefined : this.perLane(size, shift);
    const y = this.blockedConv(base, c * lanes, (n / lanes) * h * w, 1, weights, {
      bias,
      addend,
      activation,
    });
    return o.reshape(y, [c, rowLength(size)]);
  }

  /**
   * `[P, R, L]` → `[P, L, R]`. A product with the unit matrix, which is exact for finite numbers, is about ten
   * times faster than ONNX Runtime's Transpose.
   */
  exchange(x: Value): Value {
    const { o } = this;
    const [p = 1, r = 1, l = 1] = x.shape;
    if (r === 1 || l === 1) return o.reshape(x, [p, l, r]);
    if (this.kernels.kind === 'pure' || Math.min(r, l) > MOST_LANES) return o.transpose(x, [0, 2, 1]);
    return r <= l
      ? o.fusedMatMul(x, unitMatrix(o, r), { transA: true })
      : o.fusedMatMul(unitMatrix(o, l), x, { transB: true });
  }

  /** A `[C, 1]` vector repeated for each lane, `[C · lanes]`. */
  private perLane({ c, lanes }: MapSize, vector: Value): Value {
    return this.o.reshape(this.o.expand(vector, [c, lanes]), [c * lanes]);
  }

  /** Sum of each row, `[C, 1]`. */
  rowSum(x: Value): Value {
    return this.o.reduceSum(x, [1]);
  }

  /** Mean of each row, `[C, 1]`. */
  rowMean(x: Value): Value {
    return this.o.reduceMean(x, [1]);
  }

  /** Σ x·y of each row, `[C, 1]`. */
  rowDot(size: MapSize, x: Value, y: Value): Value {
    const { o } = this;
    if (this.isBlocked(size)) return this.rowSum(this.planeDot(size, x, y));
    return this.rowSum(o.mul(x, y));
  }

  /** Σ x·y of each picture's plane, `[C, N]`: the blocked convolution with the whole plane as kernel. */
  planeDot(size: MapSize, x: Value, y: Value): Value {
    const { c, n, h, w } = size;
    if (!this.isBlocked(size)) return this.planeSum(size, this.o.mul(x, y));
    return this.o.reshape(this.blockedConv(x, c * n, h, w, y, { kernel: [h, w] }), [c, n]);
  }

  /** Sum of each plane, `[C, N]`. */
  planeSum(size: MapSize, x: Value): Value {
    const { o } = this;
    if (size.h * size.w === 1) return x;
    return o.reshape(o.reduceSum(o.reshape(x, planes(size)), [1], false), [size.c, size.n]);
  }

  /** Mean of each plane, `[C, N]`. */
  planeMean(size: MapSize, x: Value): Value {
    const { o } = this;
    const { c, n, h, w } = size;
    if (h * w === 1) return x;
    if (!this.isBlocked(size)) {
      return o.reshape(o.reduceMean(o.reshape(x, planes(size)), [1], false), [c, n]);
    }
    const image = o.reshape(x, [1, c * n, h, w]);
    return o.reshape(o.op('GlobalAveragePool', [image], {}, NCHWC_DOMAIN), [c, n]);
  }

  /** `scale ⊙ base + shift` with a factor per plane, `[C, M]`. */
  planeAffine(size: MapSize, { base, scale, shift }: PlaneAffine): Value {
    const { o } = this;
    const { c, n, h, w, lanes } = size;
    const m = rowLength(size);
    if (base !== undefined && scale !== undefined && this.isBlocked(size)) {
      const bias = shift === undefined ? undefined : o.reshape(shift, [c * n]);
      return o.reshape(this.blockedConv(base, c * n, h, w, scale, { bias }), [c, m]);
    }
    const perPlane = (vector: Value) => o.reshape(vector, [(c * n) / lanes, 1, lanes]);
    if (base === undefined) {
      const filled = shift ?? o.expand(o.reshape(o.scalar(0), [1, 1]), [c, n]);
      return o.reshape(o.expand(perPlane(filled), planes(size)), [c, m]);
    }
    let y = o.reshape(base, planes(size));
    if (scale !== undefined) y = o.mul(y, perPlane(scale));
    if (shift !== undefined) y = o.add(y, perPlane(shift));
    return o.reshape(y, [c, m]);
  }
}

/** Above this the unit matrix costs more than Transpose. */
const MOST_LANES = 64;

function unitMatrix(o: Emitter, size: number): Value {
  const data = new Float32Array(size * size);
  for (let i = 0; i < size; i++) data[i * size + i] = 1;
  return o.builder.constant(float32(data, [size, size]));
}

/** Shape in which axis 1 runs over the pixels of a plane: `[C·N/lanes, H·W, lanes]`. */
export function planes({ c, n, h, w, lanes }: MapSize): number[] {
  return [(c * n) / lanes, h * w, lanes];
}
