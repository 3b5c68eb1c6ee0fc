import { InputError } from '../../core/errors.js';
import { parseCsv } from '../csv.js';

/** What something answered for one picture. */
export interface LoggedAnswer {
  readonly file: string;
  /** Index into the classes. */
  readonly predicted: number;
  /** By class, where the log has them. */
  readonly probabilities: readonly number[] | undefined;
}

/**
 * Reads a log of answers: the `predictions.csv` of an evaluation (`file,label,predicted,p_<class>…`) or any CSV with a
 * column `file` and either `predicted` or one `p_<class>` per class. Other columns are ignored. Where both are there,
 * `predicted` is what was answered.
 *
 * @param classes in the model's order
 * @throws InputError naming the line of what is wrong
 */
export function parseAnswers(where: string, text: string, classes: readonly string[]): LoggedAnswer[] {
  const [header = [], ...rows] = parseCsv(where, text);
  const column = (name: string) => header.findIndex((cell) => cell.trim() === name);
  const columns = {
    file: column('file'),
    predicted: column('predicted'),
    probabilities: classes.map((name) => column(`p_${name}`)),
  };
  checkColumns(where, header, columns, classes);
  const answers = rows.map((row, i) => answerOf(`${where}, row ${i + 1}`, row, columns, classes));
  const seen = new Set<string>();
  for (const { file } of answers) {
    if (seen.has(file)) {
      throw new InputError({ where, received: `"${file}" twice`, expected: 'one row per picture' });
    }
    seen.add(file);
  }
  if (answers.length === 0)
    throw new InputError({ where, received: 'no rows', expected: 'a row per picture' });
  return answers;
}

interface Columns {
  readonly file: number;
  readonly predicted: number;
  readonly probabilities: readonly number[];
}

function checkColumns(
  where: string,
  header: readonly string[],
  { file, predicted, probabilities }: Columns,
  classes: readonly string[],
): void {
  const missing = classes.filter((_, i) => (probabilities[i] ?? -1) < 0);
  if (file >= 0 && (predicted >= 0 || missing.length === 0)) return;
  const first = missing.map((name) => `p_${name}`).join(', ');
  throw new InputError({
    where,
    received: `the columns ${header.join(', ') || 'of an empty file'}`,
    expected: `"file" and either "predicted" or one column per class${first === '' ? '' : ` (missing: ${first})`}`,
  });
}

function answerOf(
  where: string,
  row: readonly string[],
  columns: Columns,
  classes: readonly string[],
): LoggedAnswer {
  const cell = (index: number) => (row[index] ?? '').trim();
  const file = row[columns.file] ?? '';
  if (file === '') throw new InputError({ where, received: 'no file name', expected: 'one' });
  const complete = columns.probabilities.every((index) => index >= 0 && cell(index) !== '');
  const probabilities = complete ? columns.probabilities.map((index) => Number(cell(index))) : undefined;
  const bad = probabilities?.findIndex((p) => !(p >= 0 && p <= 1.0001)) ?? -1;
  if (bad >= 0) {
    const received = `"${cell(columns.probabilities[bad] ?? 0)}" for ${classes[bad] ?? ''}`;
    throw new InputError({ where, received, expected: 'a probability between 0 and 1' });
  }
  return {
    file,
    predicted: predictedOf(where, cell(columns.predicted), probabilities, classes),
    probabilities,
  };
}

function predictedOf(
  where: string,
  name: string,
  probabilities: readonly number[] | undefined,
  classes: readonly string[],
): number {
  if (name === '' && probabilities !== undefined) return probabilities.indexOf(Math.max(...probabilities));
  const index = classes.indexOf(name);
  if (index >= 0) return index;
  throw new InputError({
    where,
    received: name === '' ? 'no answer' : `the answer "${name}"`,
    expected: `one of the model's classes (${classes.join(', ')})`,
  });
}

/** Answers by the position of their picture in a list of names. */
export interface MatchedAnswers {
  readonly byImage: ReadonlyMap<number, LoggedAnswer>;
  /** Files of the log that no name fits. */
  readonly strangers: readonly string[];
}

/**
 * Finds the pictures of a log among names like `test/happy/1.png`: a log made elsewhere may have folders before.
 * @throws InputError when none is found, or two rows are the same picture
 */
export function matchAnswers(
  where: string,
  answers: readonly LoggedAnswer[],
  names: readonly string[],
): MatchedAnswers {
  const places = new Map(names.map((name, i) => [name, i]));
  const byImage = new Map<number, LoggedAnswer>();
  const strangers: string[] = [];
  for (const answer of answers) {
    const image = placeOf(answer.file, places);
    if (image === undefined) strangers.push(answer.file);
    else if (byImage.has(image)) {
      const received = `"${answer.file}" and "${byImage.get(image)?.file ?? ''}", which are the same picture`;
      throw new InputError({ where, received, expected: 'one row per picture' });
    } else byImage.set(image, answer);
  }
  if (byImage.size > 0) return { byImage, strangers };
  throw new InputError({
    where,
    received: `files like "${answers[0]?.file ?? ''}"`,
    expected: `names of the pictures, like "${names[0] ?? ''}"`,
    remedy: 'give --data and --split of the pictures that the device was shown',
  });
}

/** The longest ending of a path that is a name. */
function placeOf(file: string, places: ReadonlyMap<string, number>): number | undefined {
  const parts = file.replaceAll('\\', '/').split('/');
  for (let from = 0; from < parts.length; from++) {
    const place = places.get(parts.slice(from).join('/'));
    if (place !== undefined) return place;
  }
  return undefined;
}
