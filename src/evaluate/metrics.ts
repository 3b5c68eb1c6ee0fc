import { calibrationBins, expectedCalibrationError, type CalibrationBin } from './calibration.js';
import { checkScores, predictedClasses, type Scores } from './scores.js';

/** Lower and upper bound of an accuracy, both in [0, 1]. */
export type Interval = readonly [lo: number, hi: number];

/** Figures of one class; null where the class has no image to measure them on. */
export interface ClassMetrics {
  /** Share of the class's images that were recognized: the same as `recall`. */
  readonly accuracy: number | null;
  /** Right answers among all answers of this class; 0 when it was never answered. */
  readonly precision: number | null;
  readonly recall: number | null;
  /** Harmonic mean of precision and recall. */
  readonly f1: number | null;
  /** Images whose true class this is. */
  readonly n: number;
}

/** Everything that can be said about a labelled set; rates are in [0, 1]. */
export interface Metrics {
  readonly n: number;
  readonly classes: readonly string[];
  readonly accuracy: number;
  /** 95 % Wilson interval of `accuracy`. */
  readonly interval: Interval;
  /** Mean per-class accuracy over the classes that have images. */
  readonly macroAccuracy: number;
  readonly macroPrecision: number;
  /** The same number as `macroAccuracy`, under its other name. */
  readonly macroRecall: number;
  readonly macroF1: number;
  readonly perClass: Readonly<Record<string, ClassMetrics>>;
  /** Classes without images, left out of every macro average. */
  readonly emptyClasses: readonly string[];
  /** Counts [true class, predicted class]. */
  readonly confusionMatrix: readonly (readonly number[])[];
  /** Mean negative log-likelihood in nats, with probabilities clipped to at least 1e-7. */
  readonly nll: number;
  /** Expected calibration error over `calibration`. */
  readonly ece: number;
  readonly calibration: readonly CalibrationBin[];
}

/**
 * Measures a set of predictions.
 *
 * @throws InputError when the parts of `scores` do not fit each other.
 * @example
 * const { accuracy, interval } = computeMetrics({ labels, probabilities, classes });
 */
export function computeMetrics(scores: Scores): Metrics {
  checkScores(scores);
  const confusionMatrix = confusion(scores);
  const measured = scores.classes.map((_, index) => classMetrics(confusionMatrix, index));
  const right = sum(confusionMatrix.map((row, index) => row[index] ?? 0));
  const n = scores.labels.length;
  const calibration = calibrationBins(scores);
  const macroAccuracy = mean(measured.map(({ accuracy }) => accuracy));
  return {
    n,
    classes: [...scores.classes],
    accuracy: right / n,
    interval: wilsonInterval(right, n),
    macroAccuracy,
    macroPrecision: mean(measured.map(({ precision }) => precision)),
    macroRecall: macroAccuracy,
    macroF1: mean(measured.map(({ f1 }) => f1)),
    perClass: byName(scores.classes, measured),
    emptyClasses: scores.classes.filter((_, index) => measured[index]?.n === 0),
    confusionMatrix,
    nll: negativeLogLikelihood(scores),
    ece: expectedCalibrationError(calibration),
    calibration,
  };
}

/**
 * Wilson's score interval of a proportion; unlike the normal one it stays inside [0, 1].
 * Wilson, Journal of the American Statistical Association 22 (1927). `z` is 1.96 for 95 %.
 */
export function wilsonInterval(right: number, n: number, z = 1.959963984540054): Interval {
  const p = right / n;
  const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

function confusion(scores: Scores): number[][] {
  const matrix = scores.classes.map(() => scores.classes.map(() => 0));
  predictedClasses(scores).forEach((predicted, image) => {
    const row = matrix[scores.labels[image] ?? 0];
    if (row !== undefined) row[predicted] = (row[predicted] ?? 0) + 1;
  });
  return matrix;
}

function classMetrics(matrix: readonly (readonly number[])[], index: number): ClassMetrics {
  const row = matrix[index] ?? [];
  const n = sum(row);
  if (n === 0) return { accuracy: null, precision: null, recall: null, f1: null, n };
  const right = row[index] ?? 0;
  const answered = sum(matrix.map((counts) => counts[index] ?? 0));
  const recall = right / n;
  const precision = answered === 0 ? 0 : right / answered;
  return { accuracy: recall, precision, recall, f1: (2 * right) / (n + answered), n };
}

function negativeLogLikelihood({ labels, probabilities, classes }: Scores): number {
  const losses = Array.from(labels, (label, image) => {
    const p = probabilities[image * classes.length + label] ?? 0;
    return -Math.log(Math.min(1, Math.max(1e-7, p)));
  });
  return sum(losses) / labels.length;
}

function byName<T>(names: readonly string[], values: readonly T[]): Record<string, T> {
  return Object.fromEntries(values.map((value, index) => [names[index] ?? '', value]));
}

function mean(values: readonly (number | null)[]): number {
  const present = values.filter((value) => value !== null);
  return sum(present) / present.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
