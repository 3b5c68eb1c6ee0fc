import { required, sameType } from './infer.js';
import { defineOperator } from './operator.js';
import { mapArray, zipArrays } from './reference/ndarray.js';

const gate = (x: number) => Math.max(0, Math.min(1, x / 6 + 0.5));

/** `x · max(0, min(1, x/6 + 1/2))` (ONNX `HardSwish`; Howard et al. 2019, "Searching for MobileNetV3"). */
export const hardSwish = defineOperator({
  opType: 'HardSwish',
  since: 14,
  inputs: [1, 1],
  attributes: {},
  infer: sameType('HardSwish'),
  gradient: ({ o, inputs, grads: [dy] }) =>
    dy === undefined ? [] : [o.own('HardSwishGrad', [required('HardSwish', inputs, 0), dy])],
  reference: (inputs) => [mapArray(required('HardSwish', inputs, 0), (x) => x * gate(x))],
});

/** `dy · h'(x)` with h' = 0 below −3, 1 above 3, x/3 + 1/2 between. Inputs: x, dy. */
export const hardSwishGrad = defineOperator({
  opType: 'HardSwishGrad',
  domain: 'mien',
  since: 1,
  inputs: [2, 2],
  attributes: {},
  infer: sameType('HardSwishGrad'),
  gradient: { notDifferentiable: 'second derivatives are not needed' },
  reference: (inputs) => [
    zipArrays(required('HardSwishGrad', inputs, 0), required('HardSwishGrad', inputs, 1), (x, dy) =>
      x <= -3 ? 0 : x >= 3 ? dy : dy * (x / 3 + 0.5),
    ),
  ],
  // With the gate s in [0, 1]: h' = 2s − (⌊s⌋ + ⌈s⌉)/2, the steps as steep HardSigmoids.
  decompose: ({ o, inputs }) => {
    const [x, dy] = [required('HardSwishGrad', inputs, 0), required('HardSwishGrad', inputs, 1)];
    const s = o.hardSigmoid(x, 1 / 6, 0.5);
    const steps = o.add(o.hardSigmoid(s, 2 ** 22, 0), o.hardSigmoid(s, 2 ** 22, 1 - 2 ** 22));
    return [o.mul(dy, o.sub(o.mul(s, 2), o.mul(steps, 0.5)))];
  },
});
