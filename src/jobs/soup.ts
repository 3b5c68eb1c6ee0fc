import type { Weights } from '../models/model.js';

/** The mean of weights of one net, summed in float64. */
export function averageWeights(all: readonly Weights[]): Weights {
  const [first] = all;
  const mean = new Map<string, Float32Array>();
  for (const [key, values] of first ?? []) {
    const sums = new Float64Array(values.length);
    for (const weights of all) weights.get(key)?.forEach((value, i) => (sums[i] = (sums[i] ?? 0) + value));
    mean.set(
      key,
      Float32Array.from(sums, (sum) => sum / all.length),
    );
  }
  return mean;
}

/** What {@link brewGreedily} chose. */
export interface Brew {
  readonly chosen: readonly number[];
  /** Undefined where the best ingredient alone was not beaten. */
  readonly weights: Weights | undefined;
  readonly accuracy: number;
}

/**
 * Greedy soup (Wortsman et al. 2022, recipe 1): starts with the best ingredient, and keeps each further one if the
 * mixture is at least as accurate with it.
 *
 * @param accuracies of the ingredients alone, the best first
 * @param mix makes the mixture of some ingredients and measures it
 */
export async function brewGreedily(
  accuracies: readonly number[],
  mix: (chosen: readonly number[]) => Promise<{ readonly weights: Weights; readonly accuracy: number }>,
): Promise<Brew> {
  let brew: Brew = { chosen: [0], weights: undefined, accuracy: accuracies[0] ?? 0 };
  for (let next = 1; next < accuracies.length; next++) {
    const chosen = [...brew.chosen, next];
    const { weights, accuracy } = await mix(chosen);
    if (accuracy >= brew.accuracy) brew = { chosen, weights, accuracy };
  }
  return brew;
}
