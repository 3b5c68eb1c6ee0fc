import type { OperatorCase } from './case.js';
import { ACTIVATION_CASES } from './cases-activations.js';
import { ARITHMETIC_CASES } from './cases-arithmetic.js';
import { IMAGE_CASES } from './cases-images.js';
import { MATRIX_CASES } from './cases-matrices.js';
import { SHAPE_CASES } from './cases-shapes.js';

/** Every case that the proofs of the operators run over. A new operator adds its own. */
export const OPERATOR_CASES: readonly OperatorCase[] = [
  ...ARITHMETIC_CASES,
  ...ACTIVATION_CASES,
  ...MATRIX_CASES,
  ...SHAPE_CASES,
  ...IMAGE_CASES,
];
