import type { ValueStatistics } from './observe.js';
import { channelOf, filterOf, type QuantizedWeights, type Weighted } from './quantized-program.js';
import { dequantizedKernel } from './quantize-weights.js';

/**
 * Bias correction: takes from a step's bias what its rounded kernel adds to the mean of its result,
 * `Σ (kernel' − kernel) · mean(x)` (Nagel et al., ICCV 2019). Pixels beyond the border count as if they were inside.
 *
 * @param statistics of the value that the step reads
 */
export function correctedBias(
  step: Weighted,
  weights: QuantizedWeights,
  { means }: Pick<ValueStatistics, 'means'>,
): QuantizedWeights {
  const shifts = new Float64Array(step.bias.length);
  dequantizedKernel(step, weights).forEach((value, i) => {
    const filter = filterOf(step, i);
    const error = value - (step.kernel[i] ?? 0);
    shifts[filter] = (shifts[filter] ?? 0) + error * (means[channelOf(step, i)] ?? 0);
  });
  const bias = weights.bias.map((stored, filter) => {
    const exact = (step.bias[filter] ?? 0) - (shifts[filter] ?? 0);
    const corrected = Math.round(exact / (weights.biasScales[filter] ?? 1));
    // A filter whose scale is at its limit keeps the bias that fits.
    return Math.abs(corrected) < 2 ** 31 - 1 ? corrected : stored;
  });
  return { ...weights, bias };
}
