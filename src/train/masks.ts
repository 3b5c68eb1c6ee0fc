import type { Random } from '../core/random.js';
import { float32, sizeOf, type Tensor } from '../core/tensor.js';
import type { DropoutMask } from './step-context.js';

/**
 * Dropout masks of one step: 0 with probability `rate`, else 1/(1 − rate) (Srivastava et al. 2014, inverted).
 *
 * @param random the step's own stream; each mask forks it by name
 */
export function dropoutMasks(masks: readonly DropoutMask[], random: Random): Record<string, Tensor> {
  return Object.fromEntries(
    masks.map(({ name, shape, rate }) => {
      const stream = random.fork('dropout', name);
      const kept = 1 / (1 - rate);
      const draws = new Float64Array(sizeOf(shape));
      stream.fill(draws);
      const data = new Float32Array(draws.length);
      for (let i = 0; i < data.length; i++) data[i] = (draws[i] ?? 0) < rate ? 0 : kept;
      return [name, float32(data, shape)];
    }),
  );
}
