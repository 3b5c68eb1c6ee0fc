import { InputError } from '../core/errors.js';
import { at } from '../core/checks.js';
import type { ClassMap } from './class-map.js';
import { type ImageSet, imageCount } from './images.js';

/** Answers of several people about each picture. */
export interface Votes {
  /** What could be voted for, in the order of the numbers. */
  readonly answers: readonly string[];
  /** Votes for each answer, by picture: a path below the data root with `/`. */
  readonly byName: ReadonlyMap<string, readonly number[]>;
}

/** What people's votes say about the classes of an image set. */
export interface VoteTargets {
  /** Shares `[image, classes]`; rows sum to 1, or to 0 where nobody voted for one of the classes. */
  readonly rows: Float32Array;
  /** Pictures that at least half of the people called no face. */
  readonly notAFace: readonly number[];
  /** Pictures that have votes for at least one class. */
  readonly known: number;
}

/** Names of FER+ (Barsoum et al. 2016) for FER2013's classes. */
const SYNONYMS: Readonly<Record<string, string>> = {
  happiness: 'happy',
  sadness: 'sad',
  anger: 'angry',
};

/** FER+'s column for pictures without a face. */
export const NOT_A_FACE = 'nf';

/**
 * Reads a table of votes: a header of `file` and the answers, then a picture and its numbers of votes per line.
 *
 * @param where name of the file, for messages
 * @throws InputError naming the line that is no such row
 * @example parseVotes('ferplus.csv', 'file,happiness,sadness\ntrain/happy/1.jpg,8,2\n');
 */
export function parseVotes(where: string, text: string): Votes {
  const [header = '', ...lines] = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const [first, ...answers] = header.split(',').map((name) => name.trim().toLowerCase());
  if (first !== 'file' || answers.length === 0) {
    const received = header === '' ? 'an empty file' : `the header "${header.slice(0, 60)}"`;
    throw new InputError({ where, received, expected: 'a header of "file" and the names of the answers' });
  }
  const rows = lines.flatMap((line, index) =>
    line.trim() === '' ? [] : [parseRow(`${where}, line ${index + 2}`, line, answers.length)],
  );
  return { answers: answers.map((name) => SYNONYMS[name] ?? name), byName: new Map(rows) };
}

/** The numbers stand last, so that a file's name may hold commas. */
function parseRow(where: string, line: string, answers: number): [string, number[]] {
  const fields = line.split(',');
  const numbers = fields.slice(-answers).map(Number);
  if (fields.length > answers && numbers.every((votes) => Number.isFinite(votes) && votes >= 0)) {
    return [
      fields
        .slice(0, -answers)
        .join(',')
        .replace(/^"(.*)"$/, '$1'),
      numbers,
    ];
  }
  const expected = `a file name and ${answers} numbers of votes`;
  throw new InputError({ where, received: `"${line.slice(0, 60)}"`, expected });
}

/**
 * Shares of the votes that went to an image set's classes; votes for anything else, such as FER+'s `unknown`, do not
 * count. A class that is made of others has their votes together.
 *
 * @param map what some of the classes are made of
 * @throws InputError when no picture of the set has votes, or no class is an answer
 */
export function voteTargets(images: ImageSet, { answers, byName }: Votes, map: ClassMap = {}): VoteTargets {
  const classes = images.classes.map((name) => columnsOf(answers, map[name] ?? [name]));
  const rows = new Float32Array(imageCount(images) * classes.length);
  const notAFace: number[] = [];
  let known = 0;
  images.names.forEach((name, image) => {
    const votes = byName.get(name);
    if (votes === undefined) return;
    const counts = classes.map((columns) => columns.reduce((sum, column) => sum + (votes[column] ?? 0), 0));
    if (isNoFace(votes, answers)) notAFace.push(image);
    const sum = counts.reduce((a, b) => a + b, 0);
    if (sum === 0) return;
    known++;
    rows.set(
      counts.map((count) => count / sum),
      image * classes.length,
    );
  });
  if (known > 0) return { rows, notAFace, known };
  throw new InputError({
    where: 'votes',
    received: `answers ${answers.join(', ')} for ${byName.size} pictures, the first "${at([...byName.keys(), ''], 0)}"`,
    expected: `votes for ${images.classes.join(', ')} by names like "${images.names[0] ?? ''}"`,
  });
}

/** Where some answers stand; those that are none are left out. */
function columnsOf(answers: readonly string[], names: readonly string[]): number[] {
  return names.map((name) => answers.indexOf(name.toLowerCase())).filter((column) => column >= 0);
}

/** Whether at least half of the people called a picture no face. */
export function isNoFace(votes: readonly number[], answers: readonly string[]): boolean {
  const all = votes.reduce((a, b) => a + b, 0);
  return all > 0 && voteFor(votes, answers, NOT_A_FACE) * 2 >= all;
}

/** Votes for one answer; 0 where there is no such answer. */
export function voteFor(votes: readonly number[], answers: readonly string[], answer: string): number {
  return votes[answers.indexOf(answer)] ?? 0;
}
