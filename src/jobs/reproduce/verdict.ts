import type { RecordedAccuracies, RecordedAccuracy } from './training-record.js';

/** How a repeated training compares: see {@link verdictOf}. */
export type Verdict = 'equal' | 'within the spread' | 'different' | 'shortened';

/** A recorded accuracy beside the repeated one. */
export interface AccuracyComparison {
  readonly split: string;
  readonly recorded: number;
  readonly repeated: number;
  /** Images of the repeated training's part, and of the recorded one's. */
  readonly n: number;
  readonly recordedN: number;
  /** How far two trainings of which only chance differs may be apart. */
  readonly spread: number;
  /** Where `spread` comes from. */
  readonly by: 'seeds' | 'images';
}

/** How far the repeated weights are from the recorded ones, at the recorded precision. */
export interface WeightComparison {
  readonly tensors: number;
  readonly equalTensors: number;
  readonly maxDifference: number;
  /** Euclidean distance of all weights together as a share of the recorded weights' length. */
  readonly distance: number;
}

/** Two trainings differ by more than this many standard errors once in twenty times. */
const Z = 1.959963984540054;

/**
 * Accuracies of parts that both measured. The spread is 1.96 · √2 · s, with s the recorded standard deviation over seeds,
 * or else the standard error of the accuracy over so many images, which is wider.
 */
export function compareAccuracies(
  recorded: RecordedAccuracies,
  repeated: Readonly<Record<string, { readonly accuracy: number; readonly n: number }>>,
): AccuracyComparison[] {
  return Object.entries(recorded).flatMap(([split, before]) => {
    const after = repeated[split];
    if (after === undefined) return [];
    const figures = {
      split,
      recorded: before.accuracy,
      repeated: after.accuracy,
      n: after.n,
      recordedN: before.n,
    };
    const by = before.seedDeviation === undefined ? ('images' as const) : ('seeds' as const);
    return [{ ...figures, spread: Z * Math.SQRT2 * deviationOf(before), by }];
  });
}

function deviationOf({ accuracy, n, seedDeviation }: RecordedAccuracy): number {
  return seedDeviation ?? Math.sqrt((accuracy * (1 - accuracy)) / n);
}

/** Compares weights name by name; a tensor that one side lacks is infinitely far. */
export function compareWeights(
  recorded: ReadonlyMap<string, Float32Array>,
  repeated: ReadonlyMap<string, Float32Array>,
): WeightComparison {
  let [equalTensors, maxDifference, squares, length] = [0, 0, 0, 0];
  for (const [key, before] of recorded) {
    const after = repeated.get(key);
    let largest = after?.length === before.length ? 0 : Infinity;
    before.forEach((value, i) => {
      const difference = Math.abs(value - (after?.[i] ?? 0));
      largest = Math.max(largest, difference);
      squares += difference ** 2;
      length += value ** 2;
    });
    if (largest === 0) equalTensors++;
    maxDifference = Math.max(maxDifference, largest);
  }
  const distance = Math.sqrt(squares / (length === 0 ? 1 : length));
  return { tensors: recorded.size, equalTensors, maxDifference, distance };
}

/**
 * - `equal`: every weight and every accuracy is the same;
 * - `within the spread`: no accuracy is further from the recorded one than its spread;
 * - `different`: one is, was measured on another number of images, or none could be compared;
 * - `shortened`: fewer epochs than recorded were trained, or by other settings, so that nothing follows.
 */
export function verdictOf(
  accuracies: readonly AccuracyComparison[],
  { tensors, equalTensors }: WeightComparison,
  shortened: boolean,
): Verdict {
  if (shortened) return 'shortened';
  const comparable = accuracies.length > 0 && accuracies.every(({ n, recordedN }) => n === recordedN);
  if (!comparable) return 'different';
  const gaps = accuracies.map(({ recorded, repeated, spread }) => Math.abs(recorded - repeated) / spread);
  if (tensors === equalTensors && gaps.every((gap) => !(gap > 0))) return 'equal';
  return gaps.every((gap) => gap <= 1) ? 'within the spread' : 'different';
}
