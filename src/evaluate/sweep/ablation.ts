import { shortNames, valueText, type SweepResult, type SweepRow } from './result.js';

/**
 * An ablation as a Markdown table: the whole recipe, then the recipe with each part changed, with mean, standard error
 * of the mean over seeds, and difference to the whole with its standard error, `√(se² + se₀²)`. Parts whose removal
 * costs most come first. The whole is the row that shares most values with all others.
 *
 * @example writeFileAtomic('ablation.md', formatAblation(result));
 */
export function formatAblation(result: SweepResult): string {
  const { parameters, metric, rows } = result;
  const whole = wholeOf(result);
  if (whole === undefined) return 'Nothing was trained yet.\n';
  const names = shortNames(parameters.map(({ path }) => path));
  const changeOf = (row: SweepRow) =>
    parameters.flatMap(({ path }, i) => {
      const [from, to] = [whole.values[path], row.values[path]].map(valueText);
      return from === to ? [] : [`${names[i] ?? path}: ${from ?? ''} → ${to ?? ''}`];
    });
  const sign = metric === 'valLoss' ? -1 : 1;
  const others = rows
    .filter((row) => row !== whole)
    .sort((a, b) => sign * ((a.mean ?? Infinity) - (b.mean ?? Infinity)));
  const lines = [
    ['recipe', metric, 'standard error', 'seeds', 'difference'],
    ['---', '---:', '---:', '---:', '---:'],
    [`${result.recipe}, whole`, ...figuresOf(whole), ''],
    ...others.map((row) => [changeOf(row).join(', '), ...figuresOf(row), differenceOf(row, whole)]),
  ];
  return `${lines.map((cells) => `| ${cells.map(escape).join(' | ')} |`).join('\n')}\n\n${noteOf(result)}\n`;
}

/** The row of the whole recipe: every parameter at its first value. */
function wholeOf({ parameters, rows, whole = {} }: SweepResult): SweepRow | undefined {
  return rows.find(({ values }) =>
    parameters.every(({ path }) => valueText(values[path]) === valueText(whole[path])),
  );
}

function figuresOf({ mean, n, ...row }: SweepRow): string[] {
  const error = standardErrorOf({ n, deviation: row.deviation });
  return [mean?.toFixed(4) ?? '-', error?.toFixed(4) ?? '-', String(n)];
}

function differenceOf(row: SweepRow, whole: SweepRow): string {
  if (row.mean === null || whole.mean === null) return '-';
  const difference = row.mean - whole.mean;
  const text = `${difference < 0 ? '−' : '+'}${Math.abs(difference).toFixed(4)}`;
  const errors = [row, whole].map(standardErrorOf);
  const [first, second] = errors;
  if (first === null || second === null || first === undefined || second === undefined) return text;
  return `${text} ± ${Math.hypot(first, second).toFixed(4)}`;
}

/** Of the mean; null for a single seed. */
function standardErrorOf({ deviation, n }: Pick<SweepRow, 'deviation' | 'n'>): number | null {
  return deviation === null ? null : deviation / Math.sqrt(n);
}

function noteOf({ net, data, drawn, rungs }: SweepResult): string {
  const faces = drawn ? ' (drawn faces, not photographs)' : '';
  return `${net} on ${data}${faces}, ${rungs.join(', ')} epochs; ± is one standard error.`;
}

function escape(content: string): string {
  return content.replace(/[\\|*_<>`[\]]/g, (character) => `\\${character}`).replace(/[\r\n]+/g, ' ');
}
