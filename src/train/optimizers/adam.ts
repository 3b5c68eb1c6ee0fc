import { GraphError } from '../../core/errors.js';
import type { Value } from '../../onnx/graph.js';
import type { Emitter } from '../../ops/emitter.js';
import type { OptimizerConfig, OptimizerRule, UpdateInputs } from './optimizer.js';

type AdamConfig = Extract<OptimizerConfig, { name: 'adam' | 'adamw' }>;

/**
 * Adam (Kingma & Ba 2015) and AdamW (Loshchilov & Hutter 2019) with Keras's placement of ε:
 * `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`, `w ← w − lr·√(1−β₂ᵗ)/(1−β₁ᵗ) · m / (√v + ε)`.
 * AdamW first does `w ← w·(1 − lr·decay)`.
 *
 * The state holds m/(1−β₁) and v/(1−β₂), so that each is updated in one product and one sum less: over a
 * million weights the update is limited by memory.
 */
export function adam(config: AdamConfig): OptimizerRule {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = config;
  const root = Math.sqrt(1 - beta2);
  const decay = config.name === 'adamw' ? config.weightDecay : 0;
  return {
    slots: ['m', 'v'],
    scalars: decay === 0 ? ['rate'] : ['rate', 'decay'],
    scalarsAt: (step, learningRate) => {
      const corrected = (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
      const rate = (corrected * (1 - beta1)) / root;
      return decay === 0 ? [rate] : [rate, learningRate * decay];
    },
    emit: (o, inputs) => {
      const { gradient, scalars } = inputs;
      const [m, v, rate] = [inputs.state[0], inputs.state[1], scalars[0]];
      if (m === undefined || v === undefined || rate === undefined) {
        throw new GraphError({ where: 'adam', received: 'missing state', expected: 'm, v and rate' });
      }
      const nextM = o.add(o.mul(m, beta1), gradient);
      const nextV = o.add(o.mul(v, beta2), o.mul(gradient, gradient));
      const step = o.mul(o.div(nextM, o.add(o.sqrt(nextV), epsilon / root)), rate);
      return { parameters: o.sub(decayed(o, inputs), step), state: [nextM, nextV] };
    },
  };
}

function decayed(o: Emitter, { parameters, scalars, decayMask }: UpdateInputs): Value {
  const decay = scalars[1];
  if (decay === undefined) return parameters;
  const amount = decayMask === undefined ? decay : o.mul(decayMask, decay);
  return o.sub(parameters, o.mul(parameters, amount));
}
