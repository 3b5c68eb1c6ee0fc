import { checkScores, type Scores } from './scores.js';

/** Temperatures between which is searched. */
const RANGE = { low: 0.05, high: 20 } as const;

/** Halvings of the range's logarithm: 2^-40 of it is left. */
const HALVINGS = 40;

/** Probabilities that underflowed count as this. */
const FLOOR = 1e-37;

/**
 * The temperature T > 0 for which softmax(z / T) has the least log loss on labelled images (Guo et al., "On Calibration
 * of Modern Neural Networks", ICML 2017, arXiv:1706.04599). It changes no answer, only how sure they are.
 *
 * The loss is convex in 1 / T; its slope Σ (E_p[z] − z_label) is halved to its zero, or to the end of 0.05 … 20.
 *
 * @param scores probabilities without any temperature, of images that trained nothing
 * @throws InputError when there are no images or the parts do not fit
 * @example const calibration = { temperature: fitTemperature(scores) };
 */
export function fitTemperature(scores: Scores): number {
  checkScores(scores);
  // Logits up to a constant per image, which the softmax does not see.
  const logits = Float64Array.from(scores.probabilities, (p) => Math.log(Math.max(FLOOR, p)));
  let [low, high] = [Math.log(1 / RANGE.high), Math.log(1 / RANGE.low)];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (slope(logits, scores, Math.exp(middle)) > 0) high = middle;
    else low = middle;
  }
  return Math.exp(-(low + high) / 2);
}

/** Derivative of the summed log loss by the factor of the logits. */
function slope(logits: Float64Array, { labels, classes }: Scores, factor: number): number {
  let sum = 0;
  labels.forEach((label, image) => {
    const row = logits.subarray(image * classes.length, (image + 1) * classes.length);
    const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const powers = row.map((z) => Math.exp(factor * (z - largest)));
    const total = powers.reduce((a, b) => a + b, 0);
    const mean = powers.reduce((m, power, k) => m + (power / total) * (row[k] ?? 0), 0);
    sum += mean - (row[label] ?? 0);
  });
  return sum;
}
