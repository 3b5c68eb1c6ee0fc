import type { Node } from '../../onnx/graph.js';
import { lowerBatchNormTraining, lowerBatchNormTrainingGrad } from './batch-norm.js';
import { lowerConcat, lowerSlice } from './concat.js';
import { lowerConv, lowerConvInputGrad, lowerConvWeightGrad } from './conv.js';
import { lowerBinary, lowerHardSwish, lowerHardSwishGrad, lowerRelu, lowerUnary } from './elementwise.js';
import { lowerExpand, lowerGlobalAveragePool, lowerReduce } from './reduce.js';
import type { LoweringRule } from './rule.js';

const RULES: Readonly<Record<string, LoweringRule>> = {
  Conv: lowerConv,
  ConvInputGrad: lowerConvInputGrad,
  ConvWeightGrad: lowerConvWeightGrad,
  BatchNormTraining: lowerBatchNormTraining,
  BatchNormTrainingGrad: lowerBatchNormTrainingGrad,
  Relu: lowerRelu,
  HardSwish: lowerHardSwish,
  HardSwishGrad: lowerHardSwishGrad,
  HardSigmoid: lowerUnary,
  Sigmoid: lowerUnary,
  Neg: lowerUnary,
  Exp: lowerUnary,
  Sqrt: lowerUnary,
  Add: lowerBinary,
  Sub: lowerBinary,
  Mul: lowerBinary,
  Div: lowerBinary,
  ReduceSum: lowerReduce,
  ReduceMean: lowerReduce,
  GlobalAveragePool: lowerGlobalAveragePool,
  Expand: lowerExpand,
  Concat: lowerConcat,
  Slice: lowerSlice,
};

/** The blocked-layout rule of a node; operators without one run in ONNX's own layout. */
export function ruleOf(node: Node): LoweringRule | undefined {
  return RULES[node.opType];
}
