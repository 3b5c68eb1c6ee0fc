import type { Sample } from '../../../../src/studio/api.js';

/** What remains when answers below a confidence are not given. */
export interface AtThreshold {
  /** Share of pictures that get an answer. */
  readonly answered: number;
  /** Share of right answers among them; null without any. */
  readonly accuracy: number | null;
}

/** @param threshold lowest probability of an answer that is given, in [0, 1] */
export function atThreshold(samples: readonly Sample[], threshold: number): AtThreshold {
  const given = samples.filter(
    ({ predicted, probabilities }) => (probabilities[predicted] ?? 0) >= threshold,
  );
  const right = given.filter(({ label, predicted }) => label === predicted).length;
  return {
    answered: given.length / Math.max(1, samples.length),
    accuracy: given.length === 0 ? null : right / given.length,
  };
}
