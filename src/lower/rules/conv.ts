import {
  convGeometry,
  isDepthwise,
  isPointwise,
  type ConvAttributes,
  type ConvGeometry,
} from '../../ops/conv-geometry.js';
import { inputGradGeometry } from '../../ops/conv-input-grad.js';
import { weightGradGeometry } from '../../ops/conv-weight-grad.js';
import type { Value } from '../../onnx/graph.js';
import { Blocked, type MapSize } from '../blocked.js';
import { lanesFor } from '../kernels.js';
import type { Lowering, SourceNode } from '../lowering.js';
import { depthwiseForward, depthwiseInputGrad, depthwiseWeightGrad } from './conv-depthwise.js';
import { inputName, outputName, splitScale, type LoweringRule } from './rule.js';
import { hasFewTaps, imageColumns, tapsToWeights, weightsToTaps } from './conv-columns.js';
import { gatherWeights, spreadForward, spreadGradient, spreads, spreadWeights } from './conv-spread.js';

/** Convolution: a matrix product where it is pointwise or has few taps, a depthwise kernel, or ONNX's own. */
export const lowerConv: LoweringRule = (lowering, source) => {
  const trains = !lowering.isConstant(inputName(source, 1)) || lowering.isBlocked(inputName(source, 0));
  if (!trains) return false;
  const g = convGeometry('Conv', source.inputShape(0), source.inputShape(1), attributesOf(source));
  const rows = forwardRows(lowering, source, g);
  if (rows === undefined) return false;
  const size = outputSize(g, rows.lanes);
  lowering.define(outputName(source), withBias(lowering, source, size, rows.value));
  return true;
};

interface LanedRows {
  readonly value: Value;
  readonly lanes: number;
}

function forwardRows(lowering: Lowering, source: SourceNode, g: ConvGeometry): LanedRows | undefined {
  const { o } = lowering;
  const x = inputName(source, 0);
  const weights = () => lowering.plain(inputName(source, 1));
  if (isPointwise(g)) {
    const map = lowering.blocked(x);
    return {
      value: o.matMul(o.reshape(weights(), [g.k, g.c]), lowering.content(map)),
      lanes: map.size.lanes,
    };
  }
  if (isDepthwise(g)) {
    const map = lowering.blocked(x, lanesFor(lowering.kernels, g.n, g.h, g.w));
    return { value: depthwiseForward(lowering, g, map, weights()), lanes: map.size.lanes };
  }
  if (!hasFewTaps(g) && !spreads(g)) return undefined;
  const map = lowering.blocked(x, lanesFor(lowering.kernels, g.n, g.h, g.w));
  if (!hasFewTaps(g)) {
    return { value: spreadForward(lowering, g, map, weights()), lanes: map.size.lanes };
  }
  return {
    value: o.matMul(weightsToTaps(o, g, weights()), imageColumns(lowering, g, x, map)),
    lanes: map.size.lanes,
  };
}

function withBias(lowering: Lowering, source: SourceNode, size: MapSize, rows: Value): Blocked {
  const bias = inputName(source, 2);
  if (bias === '') return new Blocked(size, rows);
  const shift = lowering.o.reshape(lowering.plain(bias), [size.c, 1]);
  return new Blocked(size, undefined, { kind: 'affine', affine: { base: rows, shift } });
}

/** Gradient with respect to the weights; a pending row scale of dy is applied to the small result. */
export const lowerConvWeightGrad: LoweringRule = (lowering, source) => {
  const [x, dy] = [inputName(source, 0), inputName(source, 1)];
  if (!lowering.isBlocked(x) && !lowering.isBlocked(dy)) return false;
  const attributes = source.attributes as unknown as ConvAttributes & { kernel_shape: readonly number[] };
  const g = weightGradGeometry(source.inputShape(0), source.inputShape(1), attributes);
  const { o } = lowering;
  const scaled = (scale: Value | undefined, value: Value) =>
    scale === undefined ? value : o.mul(value, scale);
  if (isPointwise(g)) {
    const map = lowering.blocked(x);
    const { base, scale } = splitScale(lowering, lowering.blocked(dy, map.size.lanes));
    const product = o.gemm(base, lowering.content(map), { transB: true });
    lowering.define(outputName(source), o.reshape(scaled(scale, product), [g.k, g.c, 1, 1]));
    return true;
  }
  const map = lowering.blocked(x, lanesFor(lowering.kernels, g.n, g.h, g.w));
  if (isDepthwise(g)) {
    const { base, scale } = splitScale(lowering, lowering.blocked(dy, map.size.lanes));
    const product = scaled(scale, depthwiseWeightGrad(lowering, g, map, base));
    lowering.define(outputName(source), o.reshape(product, [g.c, 1, g.kh, g.kw]));
    return true;
  }
  if (!hasFewTaps(g) && !spreads(g)) return false;
  const { base, scale } = splitScale(lowering, lowering.blocked(dy, map.size.lanes));
  if (!hasFewTaps(g)) {
    const spread = spreadGradient(lowering, g, { name: dy, dy: base, lanes: map.size.lanes });
    const weights = gatherWeights(o, g, o.gemm(spread, lowering.content(map), { transB: true }));
    const perOutput = scale === undefined ? undefined : o.reshape(scale, [g.k, 1, 1, 1]);
    lowering.define(outputName(source), scaled(perOutput, weights));
    return true;
  }
  const product = o.gemm(base, imageColumns(lowering, g, x, map), { transB: true });
  lowering.define(outputName(source), tapsToWeights(o, g, scaled(scale, product)));
  return true;
};

/** Gradient with respect to the input; a pending row scale of dy is folded into the weights. */
export const lowerConvInputGrad: LoweringRule = (lowering, source) => {
  const [w, dy] = [inputName(source, 0), inputName(source, 1)];
  if (!lowering.isBlocked(dy)) return false;
  const attributes = source.attributes as unknown as ConvAttributes & { input_size: readonly number[] };
  const g = inputGradGeometry(source.inputShape(0), source.inputShape(1), attributes);
  const { o } = lowering;
  if (isPointwise(g)) {
    const map = lowering.blocked(dy);
    const { base, scale } = splitScale(lowering, map);
    const weights = o.reshape(lowering.plain(w), [g.k, g.c]);
    const folded = scale === undefined ? weights : o.mul(weights, scale);
    const size = { n: g.n, c: g.c, h: g.h, w: g.w, lanes: map.size.lanes };
    lowering.define(outputName(source), new Blocked(size, o.gemm(folded, base, { transA: true })));
    return true;
  }
  const spreading = !hasFewTaps(g) && spreads(g);
  if (!isDepthwise(g) && !spreading) return false;
  const lanes = lanesFor(lowering.kernels, g.n, g.h, g.w);
  const { base, scale } = splitScale(lowering, lowering.blocked(dy, lanes));
  const size = { n: g.n, c: g.c, h: g.h, w: g.w, lanes };
  if (spreading) {
    const weights = lowering.plain(w);
    const folded = scale === undefined ? weights : o.mul(weights, o.reshape(scale, [g.k, 1, 1, 1]));
    const spread = spreadGradient(lowering, g, { name: dy, dy: base, lanes });
    const product = o.gemm(spreadWeights(o, g, folded), spread, { transA: true });
    lowering.define(outputName(source), new Blocked(size, product));
    return true;
  }
  const rows = depthwiseInputGrad(lowering, g, { lanes, dy: base, weights: lowering.plain(w), scale });
  lowering.define(outputName(source), new Blocked(size, rows));
  return true;
};

function outputSize(g: ConvGeometry, lanes: number): MapSize {
  return { n: g.n, c: g.k, h: g.ho, w: g.wo, lanes };
}

function attributesOf(source: SourceNode): ConvAttributes {
  return source.attributes as unknown as ConvAttributes;
}
