import { apart, forwardCase, normal, operatorCase as of, values, type OperatorCase } from './case.js';

/** Activations and their gradients. */
export const ACTIVATION_CASES: readonly OperatorCase[] = [
  of('Relu', 'both signs', [apart([3, 4])]),
  of('HardSigmoid', 'default slope 0.2', [values([-4, -2.4, -1, 0.3, 1, 2.4, 4])]),
  of('HardSigmoid', 'slope 1/6', [values([-4, -2.9, -1, 0.3, 1, 2.9, 4])], { alpha: 1 / 6, beta: 0.5 }),
  of('HardSwish', 'both plateaus', [values([-4, -2.9, -1, 0, 0.3, 1, 2.9, 4])]),
  of('Sigmoid', 'matrix', [normal([2, 3])]),
  of('Tanh', 'matrix', [normal([2, 3])]),
  of('Softmax', 'last axis', [normal([2, 4])]),
  of('Softmax', 'axis 1 of 3', [normal([2, 3, 4])], { axis: 1 }),
  of('Softmax', 'large logits', [values([1000, 1001, 999, -1000], [1, 4])]),
  of('LogSoftmax', 'last axis', [normal([2, 4])]),
  of('LogSoftmax', 'first axis', [normal([3, 4])], { axis: 0 }),
  of('LogSoftmax', 'large logits', [values([1000, 1001, 999, 998], [1, 4])]),
  forwardCase('HardSwishGrad', 'x and dy', [values([-4, -3, -2.9, 0, 1, 3, 4]), normal([7])], {}, 'mien'),
  forwardCase('IsInside01', 'with the ends', [values([0, 0.001, 0.5, 0.999, 1])], {}, 'mien'),
];
