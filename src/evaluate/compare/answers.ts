import { InputError } from '../../core/errors.js';
import { parseCsv } from '../csv.js';

/** What a model said about one image. */
export interface Answer {
  readonly label: string;
  readonly predicted: string;
}

/** Answers by the name of the image's file. */
export type Answers = ReadonlyMap<string, Answer>;

const COLUMNS = ['file', 'label', 'predicted'];

/** Reads the text of a `predictions.csv`. @throws InputError when it is something else or names a file twice */
export function parseAnswers(text: string, where: string): Answers {
  const [header = [], ...rows] = parseCsv(where, text);
  if (COLUMNS.some((name, column) => header[column] !== name)) {
    const received = `the first line "${header.join(',').slice(0, 60)}"`;
    throw new InputError({ where, received, expected: `one that begins with "${COLUMNS.join(',')}"` });
  }
  const answers = new Map<string, Answer>();
  for (const [file = '', label = '', predicted = ''] of rows) {
    if (answers.has(file)) {
      throw new InputError({ where, received: `"${file}" twice`, expected: 'a row per image' });
    }
    answers.set(file, { label, predicted });
  }
  return answers;
}

/** Images that both models answered, by who was right. */
export interface PairCounts {
  readonly n: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
}

/** Joins two models' answers by file name; the reason in words where they are not about the same images. */
export function pairAnswers(first: Answers, second: Answers): PairCounts | string {
  let [onlyFirst, onlySecond] = [0, 0];
  for (const [file, { label, predicted }] of first) {
    const other = second.get(file);
    if (other === undefined) return `only one of them was asked about "${file}"`;
    if (other.label !== label) return `"${file}" is ${label} for one and ${other.label} for the other`;
    const [right, otherRight] = [predicted === label, other.predicted === label];
    if (right && !otherRight) onlyFirst++;
    if (otherRight && !right) onlySecond++;
  }
  if (second.size !== first.size) return `they answered ${first.size} and ${second.size} images`;
  return { n: first.size, onlyFirst, onlySecond };
}

/** Whether two models answered the same images. */
export function sameImages(first: Answers, second: Answers): boolean {
  return first.size === second.size && [...first.keys()].every((file) => second.has(file));
}
