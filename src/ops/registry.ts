import { GraphError } from '../core/errors.js';
import type { SchemaLookup } from '../onnx/schema.js';
import { abs } from './abs.js';
import { add } from './add.js';
import { averagePool, averagePoolGrad } from './average-pool.js';
import { batchNormTraining, batchNormTrainingGrad } from './batch-norm-training.js';
import { batchNormalization } from './batch-normalization.js';
import { cast } from './cast.js';
import { ceil } from './ceil.js';
import { clip } from './clip.js';
import { concat } from './concat.js';
import { convInputGrad } from './conv-input-grad.js';
import { convTranspose } from './conv-transpose.js';
import { convWeightGrad } from './conv-weight-grad.js';
import { conv } from './conv.js';
import { dequantizeLinear } from './dequantize-linear.js';
import { div } from './div.js';
import { equal } from './equal.js';
import { exp } from './exp.js';
import { expand } from './expand.js';
import { flatten } from './flatten.js';
import { floor } from './floor.js';
import { fusedMatMul } from './fused-mat-mul.js';
import { gather, gatherGrad } from './gather.js';
import { gemm } from './gemm.js';
import { globalAveragePool } from './global-average-pool.js';
import { greater } from './greater.js';
import { hardSigmoid, isInside01 } from './hard-sigmoid.js';
import { hardSwish, hardSwishGrad } from './hard-swish.js';
import { identity } from './identity.js';
import { less } from './less.js';
import { logSoftmax } from './log-softmax.js';
import { log } from './log.js';
import { matMul } from './mat-mul.js';
import { maxPool, maxPoolGrad } from './max-pool.js';
import { max } from './max.js';
import { min } from './min.js';
import { mul } from './mul.js';
import { neg } from './neg.js';
import type { Operator } from './operator.js';
import { pad } from './pad.js';
import { pow } from './pow.js';
import { quantizeLinear } from './quantize-linear.js';
import { reciprocal } from './reciprocal.js';
import { reduceL2 } from './reduce-l2.js';
import { reduceMax } from './reduce-max.js';
import { reduceMean } from './reduce-mean.js';
import { reduceSumSquare } from './reduce-sum-square.js';
import { reduceSum } from './reduce-sum.js';
import { relu } from './relu.js';
import { resample } from './resample.js';
import { reshape } from './reshape.js';
import { sigmoid } from './sigmoid.js';
import { sign } from './sign.js';
import { slice } from './slice.js';
import { softmax } from './softmax.js';
import { split } from './split.js';
import { sqrt } from './sqrt.js';
import { squeeze } from './squeeze.js';
import { sub } from './sub.js';
import { tanh } from './tanh.js';
import { transpose } from './transpose.js';
import { unsqueeze } from './unsqueeze.js';
import { where } from './where.js';

/** Every operator that Mien knows, ONNX's first, then its own. */
export const OPERATORS: readonly Operator[] = [
  abs,
  add,
  averagePool,
  batchNormalization,
  cast,
  ceil,
  clip,
  concat,
  conv,
  convTranspose,
  dequantizeLinear,
  div,
  equal,
  exp,
  expand,
  flatten,
  floor,
  gather,
  gemm,
  globalAveragePool,
  greater,
  hardSigmoid,
  hardSwish,
  identity,
  less,
  log,
  logSoftmax,
  matMul,
  max,
  maxPool,
  min,
  mul,
  neg,
  pad,
  pow,
  quantizeLinear,
  reciprocal,
  reduceL2,
  reduceMax,
  reduceMean,
  reduceSum,
  reduceSumSquare,
  relu,
  reshape,
  sigmoid,
  sign,
  slice,
  softmax,
  split,
  sqrt,
  squeeze,
  sub,
  tanh,
  transpose,
  unsqueeze,
  where,
  averagePoolGrad,
  batchNormTraining,
  batchNormTrainingGrad,
  convInputGrad,
  convWeightGrad,
  fusedMatMul,
  gatherGrad,
  hardSwishGrad,
  isInside01,
  resample,
  maxPoolGrad,
];

const BY_NAME = new Map(OPERATORS.map((operator) => [keyOf(operator.opType, operator.domain), operator]));

/** The operator of a name. @throws GraphError naming the operator when it is not supported. */
export function operatorOf(opType: string, domain = ''): Operator {
  const found = BY_NAME.get(keyOf(opType, domain));
  if (found !== undefined) return found;
  const received = `operator ${domain === '' ? opType : `${domain}.${opType}`}`;
  const known = OPERATORS.filter((operator) => operator.domain === '').map((operator) => operator.opType);
  throw new GraphError({ where: 'operator registry', received, expected: `one of ${known.join(', ')}` });
}

/** {@link operatorOf} as the builder, checker and codec want it. */
export const schemaOf: SchemaLookup = operatorOf;

function keyOf(opType: string, domain: string): string {
  return `${domain}:${opType}`;
}
