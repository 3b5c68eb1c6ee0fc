import { statusOf, type Evaluation, type WithoutLeaks } from './evaluation.js';
import type { ClassMetrics, Interval } from './metrics.js';
import { alignTable, groupDigits, shorten } from './table.js';

/**
 * The text of `report.txt`: accuracy with its interval, a table by class, the confusion matrix.
 * Rates are shares in [0, 1] with four decimals.
 *
 * @example
 * console.log(formatReport(evaluation));
 */
export function formatReport(evaluation: Evaluation): string {
  const sections = [
    summary(evaluation),
    classTable(evaluation),
    formatConfusionMatrix(evaluation.classes, evaluation.confusionMatrix),
  ];
  return `${sections
    .flatMap((lines) => ['', ...lines])
    .slice(1)
    .join('\n')}\n`;
}

/** The confusion matrix as aligned lines, a title first; names longer than 12 characters are cut in the head. */
export function formatConfusionMatrix(
  classes: readonly string[],
  matrix: readonly (readonly number[])[],
): string[] {
  const head = ['', ...classes.map((name) => shorten(name, 12))];
  const rows = matrix.map((row, index) => [classes[index] ?? '', ...row.map(String)]);
  return [
    'Confusion matrix (rows: true class, columns: predicted class)',
    '',
    ...alignTable([head, ...rows]),
  ];
}

function summary(evaluation: Evaluation): string[] {
  const { split, n, classes, withoutLeaks, temperatureScaling } = evaluation;
  const size = `${count(n, 'image')}, ${count(classes.length, 'class', 'classes')}`;
  const figures = alignTable(
    [
      ['Accuracy', rate(evaluation.accuracy), intervalNote(evaluation.interval)],
      ['Macro accuracy', rate(evaluation.macroAccuracy), 'mean of the classes'],
      ['Macro precision', rate(evaluation.macroPrecision)],
      ['Macro recall', rate(evaluation.macroRecall)],
      ['Macro F1', rate(evaluation.macroF1)],
      ['Calibration error', rate(evaluation.ece), `expected, ${evaluation.calibration.length} bins`],
      ['Log loss', rate(evaluation.nll), 'nats per image'],
      ...beforeScaling(temperatureScaling),
    ],
    [0, 2],
  );
  const leaks = withoutLeaks === undefined ? [] : ['', ...leakLines(withoutLeaks)];
  const answers = ANSWERS[evaluation.average];
  return [`Evaluation of "${split}": ${size}`, answers, '', ...figures, ...leaks];
}

const ANSWERS: Readonly<Record<Evaluation['average'], string>> = {
  none: 'Flip averaging: off',
  flip: 'Flip averaging: on, each answer is the mean over the image and its mirror image',
  'five-crop': 'Five-crop averaging: on, each answer is the mean over five windows of the image',
};

function beforeScaling(scaling: Evaluation['temperatureScaling']): string[][] {
  if (scaling === undefined) return [];
  const { temperature, eceBefore, nllBefore } = scaling;
  const note = `without temperature scaling; logits are divided by ${temperature.toFixed(4)}`;
  return [
    ['Calibration before', rate(eceBefore), note],
    ['Log loss before', rate(nllBefore), 'the same'],
  ];
}

function leakLines({ copies, n, accuracy, macroAccuracy, interval }: WithoutLeaks): string[] {
  if (copies === 0) return ['Leaked copies: none; no image here is an exact copy of a training image'];
  const found = `Leaked copies: ${count(copies, 'image')} here ${copies === 1 ? 'is an exact copy' : 'are exact copies'}`;
  if (accuracy === null || interval === null) return [`${found} of training images; no other image is left`];
  const rest = `Without them: accuracy ${rate(accuracy)} (${intervalNote(interval)})`;
  return [
    `${found} of training images`,
    `${rest}, macro accuracy ${rate(macroAccuracy)}, on ${count(n, 'image')}`,
  ];
}

function classTable({ classes, perClass, emptyClasses, ...totals }: Evaluation): string[] {
  const head = ['Class', 'images', 'accuracy', 'precision', 'recall', 'F1', 'status'];
  const rows = classes.map((name) => classRow(name, perClass[name]));
  const macro = [
    'Macro mean',
    String(totals.n),
    ...[totals.macroAccuracy, totals.macroPrecision, totals.macroRecall, totals.macroF1].map(rate),
  ];
  const [title, ...body] = alignTable([head, ...rows, macro], [0, 6]);
  const rule = '-'.repeat(Math.max(...[title ?? '', ...body].map((line) => line.length)));
  const key = 'Status: OK ≥ .80 / WARN ≥ .70 / LOW. The accuracy of a class is its recall.';
  return [
    title ?? '',
    rule,
    ...body.slice(0, -1),
    rule,
    ...body.slice(-1),
    '',
    key,
    ...emptyNote(emptyClasses),
  ];
}

function classRow(name: string, metrics: ClassMetrics | undefined): string[] {
  const { n, accuracy, precision, recall, f1 } = metrics ?? noMetrics;
  const status = accuracy === null ? 'no images' : statusOf(accuracy);
  return [name, String(n), rate(accuracy), rate(precision), rate(recall), rate(f1), status];
}

const noMetrics: ClassMetrics = { n: 0, accuracy: null, precision: null, recall: null, f1: null };

function emptyNote(empty: readonly string[]): string[] {
  if (empty.length === 0) return [];
  return [`Without images, and left out of the macro means: ${empty.join(', ')}.`];
}

function intervalNote([lo, hi]: Interval): string {
  return `95 % interval ${rate(lo)} to ${rate(hi)}`;
}

function rate(value: number | null): string {
  return value === null ? '-' : value.toFixed(4);
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${groupDigits(n)} ${n === 1 ? one : many}`;
}
