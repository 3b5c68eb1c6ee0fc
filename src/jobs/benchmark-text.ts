import { alignTable, groupDigits } from '../evaluate/table.js';
import type { Benchmark, BenchmarkRow } from './benchmark.js';

const HEADER = [
  'model',
  'format',
  'precision',
  'engine',
  'bytes',
  'same class',
  'difference',
  'accuracy',
  'p50 ms',
  'p95 ms',
  'p99 ms',
  'pictures/s',
  'memory MB',
];
/** Columns of words. */
const WORDS = [0, 1, 2, 3];

const KEY =
  'Latency: one picture through the network alone, in turns. Pictures/s: 32 at a time. Difference: largest of a ' +
  'probability, against the float layers. Memory: growth of the process while the file was opened and first run.';

/** A benchmark as aligned text. */
export function formatBenchmark(benchmark: Benchmark): string {
  return [...alignTable([HEADER, ...benchmark.rows.map(cells)], WORDS), '', ...notes(benchmark), ''].join(
    '\n',
  );
}

/** A benchmark as a Markdown table with its notes. */
export function formatBenchmarkMarkdown(benchmark: Benchmark): string {
  const line = (row: readonly string[]) =>
    `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = HEADER.map((_, i) => (WORDS.includes(i) ? '---' : '---:'));
  const table = [HEADER, rule, ...benchmark.rows.map(cells)].map(line).join('\n');
  return `${table}\n\n${notes(benchmark)
    .map((note) => `- ${note}`)
    .join('\n')}\n`;
}

function notes({ pictures, rows, absent }: Benchmark): string[] {
  const errors = rows.flatMap(({ error, model, format, precision, engine }) =>
    error === null ? [] : [`Not measured: ${model} ${format} ${precision} in ${engine}: ${error}`],
  );
  return [`Agreement on ${pictures}.`, KEY, ...errors, ...absent.map((text) => `Not present: ${text}`)];
}

function cells(row: BenchmarkRow): string[] {
  const { agreement, accuracy, latency, throughput, memory } = row;
  return [
    row.model,
    row.format,
    row.precision,
    row.engine,
    groupDigits(row.bytes),
    agreement === null ? '-' : `${agreement.sameClass}/${agreement.images}`,
    agreement === null ? '-' : agreement.maxDifference.toExponential(1),
    accuracy === null ? '-' : `${((100 * accuracy.correct) / accuracy.images).toFixed(2)} %`,
    ...[latency?.p50, latency?.p95, latency?.p99].map((value) => value?.toFixed(2) ?? '-'),
    throughput?.toFixed(0) ?? '-',
    memory === null ? '-' : (memory / 1e6).toFixed(0),
  ];
}
