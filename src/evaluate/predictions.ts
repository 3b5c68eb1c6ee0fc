import { InputError } from '../core/errors.js';
import { checkScores, predictedClasses, type Scores } from './scores.js';

/** Scores with the name of each image. */
export interface Predictions extends Scores {
  /** Path or name of each image: [n]. */
  readonly files: readonly string[];
}

/**
 * The text of `predictions.csv`: `file,label,predicted,p_<class>…`, a row per image, quoted by RFC 4180,
 * lines ending in `\n`, probabilities with seven digits.
 *
 * @throws InputError when the parts do not fit each other.
 */
export function formatPredictions(predictions: Predictions): string {
  checkScores(predictions);
  const { files, labels, probabilities, classes } = predictions;
  checkFiles(files.length, labels.length);
  const predicted = predictedClasses(predictions);
  const rows = files.map((file, image) => {
    const answers = probabilities.subarray(image * classes.length, (image + 1) * classes.length);
    const names = [labels[image], predicted[image]].map((index) => classes[index ?? 0] ?? '');
    return csvLine([file, ...names, ...Array.from(answers, digits)]);
  });
  return csvLine(['file', 'label', 'predicted', ...classes.map((name) => `p_${name}`)]) + rows.join('');
}

/** One line of CSV, ended by `\n`; a cell is quoted when it holds a comma, a quote, a line break or outer space. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(quote).join(',')}\n`;
}

function quote(cell: string): string {
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function digits(p: number): string {
  return String(Number(p.toPrecision(7)));
}

function checkFiles(files: number, images: number): void {
  if (files === images) return;
  throw new InputError({ where: 'predictions', received: `${files} file names`, expected: `${images}` });
}
