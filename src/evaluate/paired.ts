import type { Interval } from './metrics.js';

/** Two models on the same images: how much more often the second is right. */
export interface PairedDifference {
  /** Images that the first alone got right. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** Accuracy of the second less that of the first. */
  readonly difference: number;
  /** 95 % interval of `difference`. */
  readonly interval: Interval;
}

/**
 * The difference of two accuracies on the same images with its 95 % interval: Wald's on counts with a half added to each
 * cell (Agresti & Min, Statistics in Medicine 24, 2005). Images that both got right or wrong say nothing of the difference.
 *
 * @param onlyFirst images that the first model alone got right
 * @param n all images
 * @example pairedDifference(30, 24, 2866) // difference −0.0021, interval [−0.0072, 0.0030]
 */
export function pairedDifference(onlyFirst: number, onlySecond: number, n: number): PairedDifference {
  const [b, c, total] = [onlyFirst + 0.5, onlySecond + 0.5, n + 2];
  const centre = (c - b) / total;
  const half = (1.959963984540054 * Math.sqrt(b + c - (c - b) ** 2 / total)) / total;
  return {
    onlyFirst,
    onlySecond,
    difference: (onlySecond - onlyFirst) / n,
    interval: [centre - half, centre + half],
  };
}
