import {
  apart,
  forwardCase,
  normal,
  operatorCase as of,
  positive,
  scalar,
  values,
  type OperatorCase,
} from './case.js';

const bools = (data: number[]) => ({ dtype: 'bool' as const, shape: [data.length], data, constant: true });
const indices = (data: number[]) => ({ dtype: 'int64' as const, shape: [data.length], data, constant: true });

const integers = (dtype: 'int8' | 'int32', data: number[], shape: number[]) => ({
  dtype,
  shape,
  data,
  constant: true,
});
const constants = (data: number[]) => ({ ...values(data), constant: true });

/** Element-wise operators. */
export const ARITHMETIC_CASES: readonly OperatorCase[] = [
  of('Add', 'same shapes', [normal([2, 3]), normal([2, 3], 2)]),
  of('Add', 'broadcast both ways', [normal([4, 1]), normal([3, 1, 2], 2)]),
  of('Sub', 'broadcast row', [normal([2, 3]), normal([3], 2)]),
  of('Sub', 'broadcast column', [normal([2, 1]), normal([2, 3], 2)]),
  of('Mul', 'same shapes', [normal([2, 3]), normal([2, 3], 2)]),
  of('Mul', 'broadcast both ways', [normal([2, 1, 3]), normal([4, 1], 2)]),
  of('Mul', 'rank 0', [normal([]), normal([], 2)]),
  of('Div', 'same shapes', [normal([2, 3]), positive([2, 3], 2)]),
  of('Div', 'broadcast', [normal([2, 1]), positive([3], 2)]),
  of('Neg', 'matrix', [normal([2, 3])]),
  of('Exp', 'matrix', [normal([2, 3])]),
  of('Log', 'matrix', [positive([2, 3])]),
  of('Sqrt', 'matrix', [positive([2, 3])]),
  of('Reciprocal', 'matrix', [positive([2, 3])]),
  of('Abs', 'both signs', [apart([3, 4])]),
  of('Identity', 'matrix', [normal([2, 3])]),
  of('Pow', 'square', [normal([2, 3]), scalar(2)]),
  of('Pow', 'constant fraction', [positive([2, 3]), scalar(0.5)]),
  of('Pow', 'constant negative', [positive([2, 3]), scalar(-1.5)]),
  of('Pow', 'constant cube of both signs', [apart([2, 3]), scalar(3)]),
  of('Pow', 'variable exponent', [positive([2, 3]), normal([3], 2)]),
  of('Clip', 'both bounds', [apart([4, 5]), scalar(-0.2), scalar(0.3)]),
  of('Clip', 'only min', [apart([4, 5]), scalar(-0.2)]),
  of('Clip', 'only max', [apart([4, 5]), undefined, scalar(0.2)]),
  of('Clip', 'bounds with gradients', [apart([4, 5]), values([-0.2], []), values([0.31], [])]),
  of('Max', 'three operands', [apart([2, 3]), apart([3], 2), apart([2, 1], 3)]),
  of('Max', 'one operand', [normal([2, 3])]),
  of('Min', 'broadcast', [apart([2, 3]), apart([2, 1], 2)]),
  of('Where', 'broadcast', [bools([1, 0, 1]), normal([2, 3]), normal([2, 1], 2)]),
  of('Cast', 'float to float', [normal([2, 3])], { to: 1 }),
  forwardCase('Cast', 'float to int32', [values([-1.75, -0.5, 0, 0.5, 2.9])], { to: 6 }),
  forwardCase('Cast', 'float to bool', [values([-1.75, 0, 0.5])], { to: 9 }),
  forwardCase('QuantizeLinear', 'int8, halves to even and saturation', [
    values([-300, -1.25, -0.75, 0, 0.25, 0.75, 300]),
    scalar(0.5),
    integers('int8', [-3], []),
  ]),
  forwardCase('QuantizeLinear', 'uint8 without a zero point', [values([-1, 0.2, 2, 900]), scalar(2)]),
  forwardCase(
    'QuantizeLinear',
    'a scale per column',
    [values([1, 2, 3, 4], [2, 2]), constants([0.5, 2]), integers('int8', [-1, -2], [2])],
    { axis: 1 },
  ),
  forwardCase('DequantizeLinear', 'int8', [
    integers('int8', [-128, -1, 0, 127], [4]),
    scalar(0.25),
    integers('int8', [-7], []),
  ]),
  forwardCase(
    'DequantizeLinear',
    'a scale per row',
    [integers('int32', [10, -20, 30, 40], [2, 2]), constants([0.5, 3])],
    { axis: 0 },
  ),
  forwardCase('Sign', 'with zero', [values([-2, 0, 3])]),
  forwardCase('Floor', 'both signs', [values([-1.5, -1, 0.25, 2])]),
  forwardCase('Ceil', 'both signs', [values([-1.5, -1, 0.25, 2])]),
  forwardCase('Equal', 'broadcast', [values([1, 2, 3]), values([2, 3], [2, 1])]),
  forwardCase('Equal', 'int64', [indices([1, 2, 3]), indices([3, 2, 1])]),
  forwardCase('Greater', 'with ties', [values([1, 2, 3]), values([2, 2, 2])]),
  forwardCase('Less', 'with ties', [values([1, 2, 3]), values([2, 2, 2])]),
];
