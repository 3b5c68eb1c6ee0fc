import { InputError } from '../../core/errors.js';
import { mcnemarTest, type McNemar } from '../mcnemar.js';

/** What one way of running a model answered; one entry per picture. */
export interface Answers {
  /** `float`, `int8`, `device`. */
  readonly name: string;
  /** Index into the classes. */
  readonly predicted: readonly number[];
  /** [n, classes], where known. */
  readonly probabilities: Float32Array | undefined;
}

/** Pictures with the truth about them. */
export interface Shown {
  readonly files: readonly string[];
  readonly labels: readonly number[];
  readonly classes: readonly string[];
}

/** One way of running the model; rates in [0, 1]. */
export interface RanModel {
  readonly name: string;
  readonly accuracy: number;
  /** Mean per-class accuracy over the classes shown. */
  readonly macroAccuracy: number;
  /** By class; null where none was shown. */
  readonly perClass: Readonly<Record<string, number | null>>;
}

/** Two ways of running the model against each other. */
export interface AgreementPair {
  readonly first: string;
  readonly second: string;
  /** Share of pictures with the same answer. */
  readonly agreement: number;
  readonly onlyFirstRight: number;
  readonly onlySecondRight: number;
  readonly mcnemar: McNemar;
  /** Mean and largest difference of a probability; null where one has none. */
  readonly meanDifference: number | null;
  readonly largestDifference: number | null;
  /** Answers that differ, by what the first said and what the second said, most frequent first. */
  readonly changes: readonly { readonly from: string; readonly to: string; readonly images: number }[];
}

/** A picture on which not all gave the same answer. */
export interface Parting {
  readonly file: string;
  readonly label: string;
  /** By name of the way of running: the answer and its probability, null where unknown. */
  readonly answers: Readonly<Record<string, { readonly class: string; readonly p: number | null }>>;
  /** The first one's margin between its two likeliest classes: large ones are surprising. */
  readonly margin: number | null;
}

/** Outcome of {@link compareAnswers}; ready for JSON. */
export interface Agreement {
  readonly images: number;
  readonly classes: readonly string[];
  readonly models: readonly RanModel[];
  readonly pairs: readonly AgreementPair[];
  /** Pictures on which they part, the most surprising first. */
  readonly parted: readonly Parting[];
}

/**
 * Compares what a model answered on the same pictures when it ran in different ways, with the truth and each other.
 *
 * @param answers the float model's first: it is what others are measured by
 * @throws InputError when the parts do not fit each other
 */
export function compareAnswers(shown: Shown, answers: readonly Answers[]): Agreement {
  const n = shown.labels.length;
  const odd = answers.find(({ predicted }) => predicted.length !== n);
  if (odd !== undefined || n === 0) {
    const received = odd === undefined ? 'no pictures' : `${odd.predicted.length} answers of ${odd.name}`;
    throw new InputError({ where: 'comparison', received, expected: n === 0 ? 'at least one' : `${n}` });
  }
  const pairs = answers.flatMap((first, i) =>
    answers.slice(i + 1).map((second) => pairOf(shown, first, second)),
  );
  return {
    images: n,
    classes: [...shown.classes],
    models: answers.map((one) => modelOf(shown, one)),
    ...{ pairs, parted: partings(shown, answers) },
  };
}

function modelOf({ labels, classes }: Shown, { name, predicted }: Answers): RanModel {
  const right = (label: number) => labels.filter((l, i) => l === label && predicted[i] === label).length;
  const shown = (label: number) => labels.filter((l) => l === label).length;
  const rates = classes.map((_, label) => (shown(label) === 0 ? null : right(label) / shown(label)));
  const known = rates.filter((rate) => rate !== null);
  return {
    name,
    accuracy: labels.filter((label, i) => predicted[i] === label).length / labels.length,
    macroAccuracy: known.reduce((sum, rate) => sum + rate, 0) / known.length,
    perClass: Object.fromEntries(classes.map((name, i) => [name, rates[i] ?? null])),
  };
}

function pairOf({ labels, classes }: Shown, first: Answers, second: Answers): AgreementPair {
  const images = [...labels.keys()];
  const only = (one: Answers, other: Answers) =>
    images.filter((i) => one.predicted[i] === labels[i] && other.predicted[i] !== labels[i]).length;
  const [onlyFirstRight, onlySecondRight] = [only(first, second), only(second, first)];
  const parted = images.filter((i) => first.predicted[i] !== second.predicted[i]);
  return {
    ...{ first: first.name, second: second.name, agreement: 1 - parted.length / images.length },
    ...{ onlyFirstRight, onlySecondRight, mcnemar: mcnemarTest(onlyFirstRight, onlySecondRight) },
    ...differences(first.probabilities, second.probabilities),
    changes: changesOf(parted, first, second, classes),
  };
}

function differences(a: Float32Array | undefined, b: Float32Array | undefined) {
  if (a === undefined || b === undefined) return { meanDifference: null, largestDifference: null };
  const all = Array.from(a, (value, i) => Math.abs(value - (b[i] ?? 0)));
  const sum = all.reduce((total, value) => total + value, 0);
  return {
    meanDifference: sum / all.length,
    largestDifference: all.reduce((most, value) => Math.max(most, value), 0),
  };
}

function changesOf(
  parted: readonly number[],
  first: Answers,
  second: Answers,
  classes: readonly string[],
): AgreementPair['changes'] {
  const counts = new Map<string, number>();
  for (const i of parted) {
    const key = `${first.predicted[i] ?? 0} ${second.predicted[i] ?? 0}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([key, images]) => {
      const [from = '', to = ''] = key.split(' ').map((index) => classes[Number(index)] ?? '');
      return { from, to, images };
    });
}

function partings({ files, labels, classes }: Shown, answers: readonly Answers[]): Parting[] {
  const [reference] = answers;
  const differ = (i: number) => answers.some(({ predicted }) => predicted[i] !== reference?.predicted[i]);
  const margin = (i: number) => marginOf(rowOf(reference?.probabilities, i, classes.length));
  const answerOf = ({ predicted, probabilities }: Answers, i: number) => {
    const index = predicted[i] ?? 0;
    return { class: classes[index] ?? '', p: rowOf(probabilities, i, classes.length)?.[index] ?? null };
  };
  return [...labels.keys()]
    .filter(differ)
    .map((i) => ({
      ...{ file: files[i] ?? '', label: classes[labels[i] ?? 0] ?? '', margin: margin(i) },
      answers: Object.fromEntries(answers.map((one) => [one.name, answerOf(one, i)])),
    }))
    .sort((a, b) => (b.margin ?? 0) - (a.margin ?? 0));
}

function rowOf(all: Float32Array | undefined, row: number, width: number): Float32Array | undefined {
  return all?.subarray(row * width, (row + 1) * width);
}

function marginOf(row: Float32Array | undefined): number | null {
  if (row === undefined) return null;
  const [first = 0, second = 0] = [...row].sort((a, b) => b - a);
  return first - second;
}
