import type { OptimizerConfig, OptimizerRule } from './optimizer.js';

type SgdConfig = Extract<OptimizerConfig, { name: 'sgd' }>;

/**
 * Stochastic gradient descent as Keras does it: `a ← μa − lr·g`, then `w ← w + a`, or
 * `w ← w + μa − lr·g` with Nesterov's look-ahead (Sutskever et al. 2013).
 */
export function sgd({ momentum = 0, nesterov = false }: SgdConfig): OptimizerRule {
  return {
    slots: momentum === 0 ? [] : ['momentum'],
    scalars: ['rate'],
    scalarsAt: (_step, learningRate) => [learningRate],
    emit: (o, { parameters, gradient, state: [velocity], scalars: [rate] }) => {
      const descent = o.mul(gradient, rate ?? 0);
      if (velocity === undefined) return { parameters: o.sub(parameters, descent), state: [] };
      const next = o.sub(o.mul(velocity, momentum), descent);
      const move = nesterov ? o.sub(o.mul(next, momentum), descent) : next;
      return { parameters: o.add(parameters, move), state: [next] };
    },
  };
}
