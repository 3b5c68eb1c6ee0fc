import { alignTable } from '../table.js';
import { shortNames, valueText, type SweepResult, type SweepRow } from './result.js';

/**
 * A sweep's table for a terminal, the best first.
 * @param limit rows shown
 */
export function formatSweep(result: SweepResult, limit = 20): string {
  const rows = sweepRows(result);
  const shown = rows.slice(0, limit + 1);
  const more = rows.length > shown.length ? [`… and ${rows.length - shown.length} more in sweep.md`] : [];
  return [
    heading(result),
    '',
    ...alignTable(shown, [rows[0]?.indexOf('status') ?? 0]),
    ...more,
    '',
    NOTE,
    '',
  ].join('\n');
}

/** The same as a Markdown page. @param picture path of the chart, as the page should name it */
export function formatSweepMarkdown(result: SweepResult, picture = 'sweep.png'): string {
  const [head = [], ...rows] = sweepRows(result);
  const rule = head.map((title) => (title === 'status' || title === 'run' ? '---' : '---:'));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const table = [head.map(escape), rule, ...rows.map((row) => row.map(escape))].map(line).join('\n');
  const picturePart = `![Settings and what they reached](${picture})`;
  return `${['# Sweep', heading(result), table, picturePart, NOTE].join('\n\n')}\n`;
}

const NOTE =
  'Judged on the validation part alone. The best of many trials is too good by chance: measure it anew, with other seeds.';

function heading({ method, metric, recipe, net, data, drawn, rows, rungs }: SweepResult): string {
  const faces = drawn ? ' (drawn faces, not photographs)' : '';
  const steps = rungs.length > 1 ? `, judged after ${rungs.join(', ')} epochs` : '';
  return `${rows.length} settings of recipe "${recipe}" (${net}) on ${data}${faces}, ${method}, by ${metric}${steps}.`;
}

function sweepRows(result: SweepResult): string[][] {
  const { parameters, metric, rows } = result;
  const head = [
    '#',
    metric,
    ...shortNames(parameters.map(({ path }) => path)),
    'epochs',
    'time',
    'status',
    'run',
  ];
  const body = rows.map((row, i) => [
    String(i + 1),
    figure(row),
    ...parameters.map(({ path }) => valueText(row.values[path])),
    String(row.epochs),
    time(row.seconds),
    row.status,
    runName(row),
  ]);
  return [head, ...body];
}

function figure({ mean, deviation, n }: SweepRow): string {
  if (mean === null) return '-';
  return deviation === null ? mean.toFixed(4) : `${mean.toFixed(4)} ± ${deviation.toFixed(4)} (${n})`;
}

/** The last folder of the first run, and how many more there are. */
function runName({ runs: [first = '', ...others] }: SweepRow): string {
  const name = first.split(/[\\/]/).at(-1) ?? '';
  return others.length === 0 ? name : `${name} +${others.length}`;
}

function time(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(0)} s`;
  return seconds < 3600 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function escape(content: string): string {
  return content.replace(/[\\|*_<>`[\]]/g, (character) => `\\${character}`).replace(/[\r\n]+/g, ' ');
}
