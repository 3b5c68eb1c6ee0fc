import { temper } from '../data/soft-labels.js';
import { computeMetrics, type Interval, type Metrics } from './metrics.js';
import { filterScores, type Scores } from './scores.js';

/** Accuracy on the images that are no exact copies of training images; null when none is left. */
export interface WithoutLeaks {
  /** Images that were left out because a training image has the same pixels. */
  readonly copies: number;
  /** Images that remain. */
  readonly n: number;
  readonly accuracy: number | null;
  readonly macroAccuracy: number | null;
  readonly interval: Interval | null;
}

/** The content of `report.json`. */
export interface Evaluation extends Metrics {
  readonly version: 1;
  /** Which part of the data was measured, e.g. `test` or `validation`. */
  readonly split: string;
  /** Whether each answer is the mean over the image and its mirror image. */
  readonly flip: boolean;
  /** Over which views of an image each answer is averaged. */
  readonly average: 'none' | 'flip' | 'five-crop';
  /** Present where the model's record has a temperature. */
  readonly temperatureScaling?: TemperatureScaling;
  /** Absent when nobody looked for copies. */
  readonly withoutLeaks?: WithoutLeaks;
}

/** What temperature scaling changed: figures of the same answers without it; accuracies are the same. */
export interface TemperatureScaling {
  readonly temperature: number;
  readonly eceBefore: number;
  /** Nats per image. */
  readonly nllBefore: number;
}

/** What {@link createEvaluation} measures. */
export interface EvaluationInput {
  readonly split: string;
  readonly flip: boolean;
  /** Default `flip` or `none`, as `flip` says. */
  readonly average?: Evaluation['average'];
  /** By which the logits of `scores` were divided. */
  readonly temperature?: number;
  readonly scores: Scores;
  /** Indices of the images that are exact copies of training images; leave out when not looked for. */
  readonly leaked?: readonly number[];
}

/** Whether an accuracy is good (`OK ≥ .80`), fair (`WARN ≥ .70`) or `LOW`. */
export type Status = 'OK' | 'WARN' | 'LOW';

/** Lowest accuracy of each status. */
export const statusThresholds = { OK: 0.8, WARN: 0.7 } as const;

/**
 * Measures a split, with and without the images that leaked from the training part.
 *
 * @throws InputError when the parts of `scores` do not fit each other.
 * @example
 * const evaluation = createEvaluation({ split: 'test', flip: false, scores, leaked: [17, 203] });
 */
export function createEvaluation(input: EvaluationInput): Evaluation {
  const { split, flip, scores, leaked, temperature } = input;
  const average = input.average ?? (flip ? 'flip' : 'none');
  return {
    version: 1,
    split,
    flip,
    average,
    ...computeMetrics(scores),
    ...(temperature === undefined ? {} : { temperatureScaling: without(scores, temperature) }),
    ...(leaked === undefined ? {} : { withoutLeaks: measureWithout(scores, new Set(leaked)) }),
  };
}

/** Figures of the answers as they were before the division by a temperature. */
function without(scores: Scores, temperature: number): TemperatureScaling {
  const probabilities = scores.probabilities.slice();
  temper(probabilities, scores.classes.length, 1 / temperature);
  const { ece, nll } = computeMetrics({ ...scores, probabilities });
  return { temperature, eceBefore: ece, nllBefore: nll };
}

/** The status of an accuracy in [0, 1]. */
export function statusOf(accuracy: number): Status {
  if (accuracy >= statusThresholds.OK) return 'OK';
  return accuracy >= statusThresholds.WARN ? 'WARN' : 'LOW';
}

function measureWithout(scores: Scores, leaked: ReadonlySet<number>): WithoutLeaks {
  const rest = filterScores(scores, (image) => !leaked.has(image));
  const n = rest.labels.length;
  const copies = scores.labels.length - n;
  if (n === 0) return { copies, n, accuracy: null, macroAccuracy: null, interval: null };
  const { accuracy, macroAccuracy, interval } = computeMetrics(rest);
  return { copies, n, accuracy, macroAccuracy, interval };
}
