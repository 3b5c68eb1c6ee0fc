import { GraphError } from '../core/errors.js';
import type { SchemaLookup } from '../onnx/schema.js';
import { add } from './add.js';
import { batchNormalization } from './batch-normalization.js';
import { batchNormTraining, batchNormTrainingGrad } from './batch-norm-training.js';
import { convInputGrad } from './conv-input-grad.js';
import { convTranspose } from './conv-transpose.js';
import { convWeightGrad } from './conv-weight-grad.js';
import { conv } from './conv.js';
import { hardSigmoid, isInside01 } from './hard-sigmoid.js';
import { hardSwish, hardSwishGrad } from './hard-swish.js';
import { identity } from './identity.js';
import { mul } from './mul.js';
import type { Operator } from './operator.js';
import { relu } from './relu.js';

/** Every operator that Mien knows, ONNX's first, then its own. */
export const OPERATORS: readonly Operator[] = [
  add,
  batchNormalization,
  conv,
  convTranspose,
  hardSigmoid,
  hardSwish,
  identity,
  mul,
  relu,
  batchNormTraining,
  batchNormTrainingGrad,
  convInputGrad,
  convWeightGrad,
  hardSwishGrad,
  isInside01,
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
