import { bestOf } from '../core/rows.js';

/** What a classifier answers for one picture. */
export interface Answer {
  /** The most probable class. */
  readonly class: string;
  /** Probability of every class; they sum to 1. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** A row of probabilities [K] under the names of the classes. */
export function answerOf(classes: readonly string[], row: ArrayLike<number>): Answer {
  return {
    class: classes[bestOf(row, 0, classes.length)] ?? '',
    probabilities: Object.fromEntries(classes.map((name, i) => [name, row[i] ?? 0])),
  };
}
