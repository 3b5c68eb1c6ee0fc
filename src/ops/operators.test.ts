import { describe, expect, it } from 'vitest';

import type { Operator } from './operator.js';
import { OPERATORS } from './registry.js';
import { OPERATOR_CASES } from './testing/cases.js';
import { checkGradient } from './testing/check-gradient.js';
import { checkAgainstOnnxRuntime } from './testing/check-onnx.js';

const differentiated = OPERATOR_CASES.filter((c) => (c.wrt ?? []).length > 0);

describe('gradients equal central differences', () => {
  it.each(differentiated.map((c) => [c.name, c] as const))('%s', (_, c) => checkGradient(c));
});

describe('the emitted graph in ONNX Runtime equals the reference kernels', () => {
  it.each(OPERATOR_CASES.map((c) => [c.name, c] as const))('%s', async (_, c) => checkAgainstOnnxRuntime(c));
});

describe('every operator is proved', () => {
  const key = (opType: string, domain = '') => `${domain}:${opType}`;
  const casesOf = ({ opType, domain }: Operator) =>
    OPERATOR_CASES.filter((c) => key(c.operator, c.domain) === key(opType, domain));

  it.each(OPERATORS.map((operator) => [key(operator.opType, operator.domain), operator] as const))(
    '%s',
    (_, operator) => {
      const cases = casesOf(operator);
      expect(cases, 'cases against ONNX Runtime').not.toHaveLength(0);
      if (typeof operator.gradient === 'function') {
        expect(
          cases.filter((c) => (c.wrt ?? []).length > 0),
          'gradient cases',
        ).not.toHaveLength(0);
      } else {
        expect(operator.gradient.notDifferentiable, 'the reason why not').not.toBe('');
      }
      if (operator.domain === 'mien') expect(operator.decompose, 'a decomposition').toBeDefined();
    },
  );
});
