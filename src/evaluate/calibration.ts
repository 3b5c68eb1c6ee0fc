import { predictedClasses, type Scores } from './scores.js';

/** The images whose top probability falls into one bin. */
export interface CalibrationBin {
  /** Bounds of the top probability: `lo < p ≤ hi`. */
  readonly lo: number;
  readonly hi: number;
  readonly n: number;
  /** Mean top probability, or null for an empty bin. */
  readonly confidence: number | null;
  /** Share of right answers, or null for an empty bin. */
  readonly accuracy: number | null;
}

/**
 * Groups images by top probability into bins of equal width.
 * Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, uses 15.
 */
export function calibrationBins(scores: Scores, bins = 15): CalibrationBin[] {
  const width = scores.classes.length;
  const sums = Array.from({ length: bins }, () => ({ n: 0, confidence: 0, right: 0 }));
  predictedClasses(scores).forEach((predicted, image) => {
    const confidence = scores.probabilities[image * width + predicted] ?? 0;
    const sum = sums[Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1))];
    if (sum === undefined) return;
    sum.n++;
    sum.confidence += confidence;
    if (predicted === scores.labels[image]) sum.right++;
  });
  return sums.map(({ n, confidence, right }, index) => ({
    lo: index / bins,
    hi: (index + 1) / bins,
    n,
    confidence: n === 0 ? null : confidence / n,
    accuracy: n === 0 ? null : right / n,
  }));
}

/** Expected calibration error: Σ over bins of (n / total) · |accuracy − confidence|, in [0, 1]. */
export function expectedCalibrationError(bins: readonly CalibrationBin[]): number {
  const total = bins.reduce((sum, bin) => sum + bin.n, 0);
  const gap = (bin: CalibrationBin) => Math.abs((bin.accuracy ?? 0) - (bin.confidence ?? 0));
  return bins.reduce((sum, bin) => sum + (bin.n / total) * gap(bin), 0);
}
