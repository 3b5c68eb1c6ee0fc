import { sizeOf } from '../../core/tensor.js';
import { constantIntegers, type Value } from '../../onnx/graph.js';
import { Blocked, rowLength } from '../blocked.js';
import { lanesFor } from '../kernels.js';
import type { Lowering, SourceNode } from '../lowering.js';
import { anyBlocked, inputName, outputName, type LoweringRule } from './rule.js';

/** Sum or mean over pixels, or over pixels and pictures; a pending product becomes a dot product. */
export const lowerReduce: LoweringRule = (lowering, source) => {
  if (!anyBlocked(lowering, source)) return false;
  const axes = constantAxes(lowering, source);
  const map = lowering.blocked(inputName(source, 0));
  const mean = source.node.opType === 'ReduceMean';
  if (axes === '2,3' && source.attributes['keepdims'] === 1) {
    const sum = planeSum(lowering, map);
    const value = mean ? lowering.o.mul(sum, 1 / (map.size.h * map.size.w)) : sum;
    lowering.define(outputName(source), new Blocked({ ...map.size, h: 1, w: 1 }, value));
    return true;
  }
  if (axes !== '0,2,3') return false;
  const sum = rowSum(lowering, map);
  const value = mean ? lowering.o.mul(sum, 1 / rowLength(map.size)) : sum;
  lowering.define(outputName(source), lowering.o.reshape(value, source.outputShape(0)));
  return true;
};

function planeSum(lowering: Lowering, map: Blocked): Value {
  const factors = pendingFactors(map);
  if (factors === undefined) return lowering.rows.planeSum(map.size, lowering.content(map));
  return lowering.rows.planeDot(map.size, lowering.content(factors[0]), lowering.content(factors[1]));
}

function rowSum(lowering: Lowering, map: Blocked): Value {
  const factors = pendingFactors(map);
  if (factors === undefined) return lowering.rows.rowSum(lowering.content(map));
  return lowering.rows.rowDot(map.size, lowering.content(factors[0]), lowering.content(factors[1]));
}

function pendingFactors(map: Blocked): readonly [Blocked, Blocked] | undefined {
  return map.rows === undefined && map.pending?.kind === 'product' ? map.pending.factors : undefined;
}

function constantAxes(lowering: Lowering, source: SourceNode): string {
  const axes = constantIntegers(lowering.source, inputName(source, 1)) ?? [];
  return axes
    .map((axis) => (axis < 0 ? axis + 4 : axis))
    .sort((a, b) => a - b)
    .join();
}

/** Mean of every plane. */
export const lowerGlobalAveragePool: LoweringRule = (lowering, source) => {
  if (!anyBlocked(lowering, source)) return false;
  const map = lowering.blocked(inputName(source, 0));
  const mean = lowering.rows.planeMean(map.size, lowering.content(map));
  lowering.define(outputName(source), new Blocked({ ...map.size, h: 1, w: 1 }, mean));
  return true;
};

/** `[N, C, 1, 1]` spread over `[N, C, H, W]`: kept pending, so that a sum can absorb it. */
export const lowerExpand: LoweringRule = (lowering, source) => {
  const [own, full] = [source.inputShape(0), source.outputShape(0)];
  const spreads =
    own.length === 4 &&
    full.length === 4 &&
    own[0] === full[0] &&
    own[1] === full[1] &&
    own[2] === 1 &&
    own[3] === 1;
  if (!spreads || lowering.isConstant(inputName(source, 0)) || sizeOf(own) === sizeOf(full)) return false;
  const [n = 1, c = 1, h = 1, w = 1] = full;
  const size = { n, c, h, w, lanes: lanesFor(lowering.kernels, n, h, w) };
  const shift = lowering.content(lowering.blocked(inputName(source, 0)));
  lowering.define(outputName(source), new Blocked(size, undefined, { kind: 'plane', plane: { shift } }));
  return true;
};
