import type { Votes } from '../../data/votes.js';
import { predictedClasses, type Scores } from '../scores.js';
import { alignTable, groupDigits, shorten } from '../table.js';

/** A wrong answer. */
export interface WrongAnswer {
  readonly file: string;
  readonly label: string;
  readonly predicted: string;
  /** Probability of the answer. */
  readonly confidence: number;
  /** Probability of the label. */
  readonly labelProbability: number;
  /** Numbers of votes, the most first; null where nobody voted on the picture. Absent where no votes were given. */
  readonly votes?: readonly (readonly [answer: string, votes: number])[] | null;
}

/** With whom people's most frequent answer sides, over wrong answers. */
export interface VoteSides {
  /** Wrong answers with votes. */
  readonly known: number;
  readonly withLabel: number;
  readonly withAnswer: number;
  /** Label and answer have the same number of votes, more than all others. */
  readonly undecided: number;
  readonly neither: number;
}

/** The content of `worst.json`. */
export interface WorstAnswers {
  readonly version: 1;
  readonly split: string;
  /** Images measured. */
  readonly n: number;
  /** Wrong answers among them. */
  readonly wrong: number;
  /** Of all wrong answers, where votes were given. */
  readonly sides?: VoteSides;
  /** The wrong answers with the highest probability, the surest first. */
  readonly answers: readonly WrongAnswer[];
}

/** What {@link worstAnswers} looks through. */
export interface WorstInput {
  readonly split: string;
  readonly scores: Scores;
  /** Names of the images, `[n]`. */
  readonly files: readonly string[];
  /** Answers to name at most. */
  readonly count: number;
  readonly votes?: Votes;
}

/**
 * The most confident wrong answers, and, where people's votes are given, with whom they side.
 * @example const { wrong, answers } = worstAnswers({ split: 'test', scores, files, count: 50 });
 */
export function worstAnswers({ split, scores, files, count, votes }: WorstInput): WorstAnswers {
  const { labels, probabilities, classes } = scores;
  const predicted = predictedClasses(scores);
  const wrong = [...labels.keys()].filter((image) => predicted[image] !== labels[image]);
  const p = (image: number, k = 0) => probabilities[image * classes.length + k] ?? 0;
  const all = wrong.map((image): WrongAnswer => {
    const file = files[image] ?? '';
    return {
      ...{ file, label: classes[labels[image] ?? 0] ?? '', predicted: classes[predicted[image] ?? 0] ?? '' },
      ...{ confidence: p(image, predicted[image]), labelProbability: p(image, labels[image]) },
      ...(votes === undefined ? {} : { votes: votesFor(votes, file) }),
    };
  });
  all.sort((a, b) => b.confidence - a.confidence);
  const sides = votes === undefined ? {} : { sides: sidesOf(all) };
  const shown = all.slice(0, count);
  return { version: 1, split, n: labels.length, wrong: wrong.length, ...sides, answers: shown };
}

function votesFor({ answers, byName }: Votes, file: string): NonNullable<WrongAnswer['votes']> | null {
  const given = byName.get(file);
  if (given === undefined) return null;
  const pairs = answers.map((answer, i) => [answer, given[i] ?? 0] as const);
  return pairs.filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
}

function sidesOf(wrong: readonly WrongAnswer[]): VoteSides {
  const sides = wrong.map(sideOf);
  const count = (side: ReturnType<typeof sideOf>) => sides.filter((one) => one === side).length;
  return {
    known: sides.length - count('unknown'),
    withLabel: count('label'),
    withAnswer: count('answer'),
    undecided: count('undecided'),
    neither: count('neither'),
  };
}

function sideOf({ votes, label, predicted }: WrongAnswer) {
  const [first] = votes ?? [];
  if (first === undefined) return 'unknown';
  const top = (votes ?? []).flatMap(([answer, count]) => (count === first[1] ? [answer] : []));
  const [forLabel, forAnswer] = [top.includes(label.toLowerCase()), top.includes(predicted.toLowerCase())];
  if (forLabel && forAnswer) return 'undecided';
  if (forLabel) return 'label';
  return forAnswer ? 'answer' : 'neither';
}

/** The wrong answers as a table for a terminal. @param limit rows shown */
export function formatWorst({ split, n, wrong, sides, answers }: WorstAnswers, limit = 10): string {
  const rows = answers.slice(0, limit).map(({ file, label, predicted, confidence, votes }) => {
    const given = votes === undefined ? [] : [votesText(votes)];
    return [shorten(file, 40), label, predicted, confidence.toFixed(3), ...given];
  });
  const head = ['file', 'label', 'answer', 'confidence', ...(sides === undefined ? [] : ['votes'])];
  const heading = `Wrong answers on "${split}": ${groupDigits(wrong)} of ${groupDigits(n)}, the surest first`;
  return [heading, ...sidesLines(sides), '', ...alignTable([head, ...rows], [0, 1, 2, 4]), ''].join('\n');
}

/** With whom the votes side, in one sentence; nothing without votes. */
export function sidesText(sides: VoteSides): string {
  const { known, withLabel, withAnswer, undecided, neither } = sides;
  return (
    `People's most frequent answer, of ${groupDigits(known)} wrong answers with votes: ${groupDigits(withLabel)} for the ` +
    `label, ${groupDigits(withAnswer)} for the model's answer, ${groupDigits(undecided)} for both, ${groupDigits(neither)} for neither`
  );
}

/** Votes as people read them. */
export function votesText(votes: NonNullable<WrongAnswer['votes']> | null): string {
  if (votes === null) return 'no votes';
  return votes.map(([answer, count]) => `${answer} ${count}`).join(', ');
}

function sidesLines(sides: VoteSides | undefined): string[] {
  return sides === undefined ? [] : [sidesText(sides)];
}
