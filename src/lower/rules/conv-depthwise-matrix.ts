import { float32 } from '../../core/tensor.js';
import type { Value } from '../../onnx/graph.js';
import type { ConvGeometry } from '../../ops/conv-geometry.js';
import type { Lowering } from '../lowering.js';

/** Operands of a depthwise input gradient. */
export interface InputGradOperands {
  readonly lanes: number;
  /** `[C, N·Ho·Wo]`, before its row scale. */
  readonly dy: Value;
  /** `[C, 1, kh, kw]` */
  readonly weights: Value;
  /** `[C, 1]` */
  readonly scale: Value | undefined;
}

// A depthwise convolution on a small map is, per channel, a matrix T [Ho·Wo, H·W] times the pictures
// [H·W, N]. T = w · S for a constant 0/1 selection matrix S [kh·kw, Ho·Wo·H·W], so that forward and both
// gradients are matrix products.

/** `[C, Ho·Wo, N]` */
export function matrixForward(lowering: Lowering, g: ConvGeometry, x: Value, weights: Value): Value {
  return lowering.o.matMul(channelMatrices(lowering, g, weights), pictures(lowering, g, x));
}

/** `[C, kh·kw]` */
export function matrixWeightGrad(lowering: Lowering, g: ConvGeometry, x: Value, dy: Value): Value {
  const { o } = lowering;
  const outer = batchedProduct(lowering, outputs(lowering, g, dy), pictures(lowering, g, x), {
    transB: true,
  });
  const flat = o.reshape(outer, [g.c, g.ho * g.wo * g.h * g.w]);
  return o.gemm(flat, selection(lowering, g), { transB: true });
}

/** `[C, N·H·W]` */
export function matrixInputGrad(lowering: Lowering, g: ConvGeometry, operands: InputGradOperands): Value {
  const { o } = lowering;
  const { dy, weights, scale } = operands;
  const scaled = scale === undefined ? dy : o.mul(dy, scale);
  const matrices = channelMatrices(lowering, g, weights);
  const dx = batchedProduct(lowering, matrices, outputs(lowering, g, scaled), { transA: true });
  return o.reshape(dx, [g.c, g.h * g.w * g.n]);
}

/** T for every channel, `[C, Ho·Wo, H·W]`; shared between forward and backward. */
function channelMatrices(lowering: Lowering, g: ConvGeometry, weights: Value): Value {
  const key = `matrices of ${weights.name} by ${selectionName(g)}`;
  const known = lowering.saved.get(key);
  if (known !== undefined) return known;
  const { o } = lowering;
  const flat = o.reshape(weights, [g.c, g.kh * g.kw]);
  const matrices = o.reshape(o.matMul(flat, selection(lowering, g)), [g.c, g.ho * g.wo, g.h * g.w]);
  lowering.saved.set(key, matrices);
  return matrices;
}

/** S: 1 where tap t of the kernel connects output pixel a with input pixel q. */
function selection(lowering: Lowering, g: ConvGeometry): Value {
  const name = selectionName(g);
  const known = lowering.saved.get(name);
  if (known !== undefined) return known;
  const [outputs, inputs] = [g.ho * g.wo, g.h * g.w];
  const data = new Float32Array(g.kh * g.kw * outputs * inputs);
  for (let tap = 0; tap < g.kh * g.kw; tap++) {
    for (let a = 0; a < outputs; a++) {
      const y = Math.floor(a / g.wo) * g.sh + Math.floor(tap / g.kw) - g.top;
      const x = (a % g.wo) * g.sw + (tap % g.kw) - g.left;
      if (y >= 0 && y < g.h && x >= 0 && x < g.w) data[(tap * outputs + a) * inputs + y * g.w + x] = 1;
    }
  }
  const value = lowering.builder.initializer(name, float32(data, [g.kh * g.kw, outputs * inputs]));
  lowering.saved.set(name, value);
  return value;
}

function selectionName(g: ConvGeometry): string {
  const { h, w, kh, kw, sh, sw, top, left, ho, wo } = g;
  return `selection_${h}x${w}_${kh}x${kw}_s${sh}x${sw}_p${top}x${left}_${ho}x${wo}`;
}

function batchedProduct(
  lowering: Lowering,
  a: Value,
  b: Value,
  { transA = false, transB = false }: { transA?: boolean; transB?: boolean },
): Value {
  const { o, kernels } = lowering;
  if (kernels.kind === 'pure') {
    const turned = (x: Value, turn: boolean) => (turn ? o.transpose(x, [0, 2, 1]) : x);
    return o.matMul(turned(a, transA), turned(b, transB));
  }
  const attributes = { transA: transA ? 1 : 0, transB: transB ? 1 : 0 };
  return o.op('FusedMatMul', [a, b], attributes, 'com.microsoft');
}

function pictures({ o }: Lowering, g: ConvGeometry, x: Value): Value {
  return o.reshape(x, [g.c, g.h * g.w, g.n]);
}

function outputs({ o }: Lowering, g: ConvGeometry, dy: Value): Value {
  return o.reshape(dy, [g.c, g.ho * g.wo, g.n]);
}
