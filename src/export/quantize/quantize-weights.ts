import { filterOf, type QuantizedWeights, type Weighted } from './quantized-program.js';

/** Largest bias in units of its scale: a sum of products must still fit beside it. */
const BIAS_LIMIT = 2 ** 30;
/** Kernels reject products of scales that are smaller than this against the output's. */
const LEAST_RATIO = 2 ** -30;

/**
 * A step's kernel in int8, symmetric with a scale per filter, and its bias in int32.
 *
 * A filter that is nearly zero beside a large bias gets a larger scale than it needs, so that the bias fits.
 *
 * @param input scale of the step's input
 * @param output scale of its output
 */
export function quantizeWeights(step: Weighted, input: number, output: number): QuantizedWeights {
  const { kernel, bias } = step;
  const largest = new Float64Array(bias.length);
  kernel.forEach((value, i) => {
    const filter = filterOf(step, i);
    largest[filter] = Math.max(largest[filter] ?? 0, Math.abs(value));
  });
  const scales = Float32Array.from(largest, (value, filter) =>
    Math.max(value / 127, Math.abs(bias[filter] ?? 0) / (input * BIAS_LIMIT), (LEAST_RATIO * output) / input),
  );
  const biasScales = scales.map((scale) => scale * input);
  return {
    kernel: Int8Array.from(kernel, (value, i) => {
      const stored = Math.round(value / (scales[filterOf(step, i)] ?? 1));
      return Math.min(127, Math.max(-127, stored));
    }),
    scales,
    bias: Int32Array.from(bias, (value, filter) => Math.round(value / (biasScales[filter] ?? 1))),
    biasScales,
  };
}

/** What a quantized kernel stands for, in the step's layout. */
export function dequantizedKernel(step: Weighted, { kernel, scales }: QuantizedWeights): Float32Array {
  return Float32Array.from(kernel, (stored, i) => stored * (scales[filterOf(step, i)] ?? 0));
}
