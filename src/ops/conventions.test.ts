import { describe, expect, it } from 'vitest';

import { evaluateGraph } from './reference/evaluate.js';
import { buildCase } from './testing/build-case.js';
import { operatorCase, scalar, values, type OperatorCase } from './testing/case.js';

/** The gradient of Σ y with respect to the first input. */
function gradient(c: OperatorCase, outputShape: readonly number[]): number[] {
  const size = outputShape.reduce((a, b) => a * b, 1);
  const { graph, feeds } = buildCase(c, [{ shape: outputShape, data: new Float64Array(size).fill(1) }]);
  return Array.from(evaluateGraph(graph, feeds).get('dx0')!.data);
}

describe('gradients at kinks and ties', () => {
  it('of Clip pass on the bounds themselves', () => {
    const c = operatorCase('Clip', '', [values([-2, -1, 0, 1, 2]), scalar(-1), scalar(1)]);
    expect(gradient(c, [5])).toEqual([0, 1, 1, 1, 0]);
  });

  it('of Relu and Abs are 0 at 0', () => {
    expect(gradient(operatorCase('Relu', '', [values([-1, 0, 1])]), [3])).toEqual([0, 0, 1]);
    expect(gradient(operatorCase('Abs', '', [values([-1, 0, 1])]), [3])).toEqual([-1, 0, 1]);
  });

  it('of Max are shared equally, of MaxPool taken by the first', () => {
    const tied = operatorCase('Max', '', [values([1, 2]), values([1, 1])]);
    expect(gradient(tied, [2])).toEqual([0.5, 1]);
    const pool = operatorCase('MaxPool', '', [values([3, 3, 3, 1], [1, 1, 2, 2])], { kernel_shape: [2, 2] });
    expect(gradient(pool, [1, 1, 1, 1])).toEqual([1, 0, 0, 0]);
  });

  it('of Pow with exponent 0 are 0, even at 0', () => {
    expect(gradient(operatorCase('Pow', '', [values([0, 2]), scalar(0)]), [2])).toEqual([0, 0]);
  });

  it('of ReduceL2 are 0 at a zero vector', () => {
    expect(gradient(operatorCase('ReduceL2', '', [values([0, 0])], { keepdims: 0 }), [])).toEqual([0, 0]);
  });
});
