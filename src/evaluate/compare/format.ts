import { alignTable, groupDigits } from '../table.js';
import { modelRows, pairRows } from './cells.js';
import { comparedFigures, type Comparison } from './comparison.js';

const PAIR_TEST = "McNemar's test: which differences are real";

/**
 * A comparison as aligned text for a terminal.
 * @example console.log(formatComparison(comparison));
 */
export function formatComparison(comparison: Comparison): string {
  const { pairs, notes } = comparison;
  const last = (pairRows(comparison)[0]?.length ?? 1) - 1;
  const paired =
    pairs.length === 0 ? [] : ['', PAIR_TEST, '', ...alignTable(pairRows(comparison), [0, last])];
  const remarks = [KEY, ...notes].map((note) => `- ${note}`);
  return [
    ...heading(comparison),
    '',
    ...alignTable(modelRows(comparison)),
    ...paired,
    '',
    ...remarks,
    '',
  ].join('\n');
}

/**
 * A comparison as a Markdown page, the chart included.
 * @param picture path of the chart, as the page should name it
 */
export function formatComparisonMarkdown(comparison: Comparison, picture = 'comparison.png'): string {
  const { pairs, notes } = comparison;
  const paired = pairs.length === 0 ? [] : [`## ${PAIR_TEST}`, markdownTable(pairRows(comparison))];
  return `${[
    '# Comparison',
    ...heading(comparison),
    markdownTable(modelRows(comparison)),
    `![Accuracy against latency](${picture})`,
    ...paired,
    '## Notes',
    [KEY, ...notes].map((note) => `- ${escape(note)}`).join('\n'),
  ].join('\n\n')}\n`;
}

const KEY =
  'Accuracies with 95 % Wilson intervals. MACs: multiply–accumulates of one picture. Step: one batch of the last ' +
  'training stage, validation included. Latency: one picture, median. To best: training time up to the kept epoch.';

/** What was compared, and on which machine. */
function heading({ models, split, classes, drawn, machine }: Comparison): string[] {
  const n = models[0] === undefined ? undefined : comparedFigures(models[0], split)?.n;
  const images = n === undefined ? 'no images that all were measured on' : `${groupDigits(n)} images`;
  const part = `${drawn ? 'drawn ' : ''}${split ?? 'images'}`;
  const { cpu, threads, runtime } = machine;
  return [
    `Compared on "${part}": ${images}, ${classes.length} classes (${classes.join(', ')}).`,
    `Latency measured on ${cpu}, ${threads} ${threads === 1 ? 'thread' : 'threads'}, ${runtime}.`,
  ];
}

/** Columns of words; the others hold numbers, flush right. */
const WORDS = ['model', 'pair', 'verdict'];

function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const rule = head.map((title) => (WORDS.includes(title) ? '---' : '---:'));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [head.map(escape), rule, ...body.map((row) => row.map(escape))].map(line).join('\n');
}

/** Text that Markdown shows as it stands. */
function escape(content: string): string {
  return content.replace(/[\\|*_<>`[\]]/g, (character) => `\\${character}`).replace(/[\r\n]+/g, ' ');
}
