import { alignTable, groupDigits } from '../evaluate/table.js';
import type { QuantizedFile } from '../evaluate/quantization.js';
import type { QuantizeOutcome } from './quantize-job.js';

/** What a quantization wrote and measured, for a terminal. */
export function formatQuantization({ files, report }: QuantizeOutcome): string {
  const list = files.map(({ path, bytes }) => `${path} (${groupDigits(bytes)} bytes)\n`).join('');
  if (report === undefined) return list;
  const { measured, taken, layers, notes } = report;
  const kept = layers.filter((layer) => layer.kept !== null).map(({ name }) => name);
  const rows = [
    ['file', 'accuracy', 'difference', '95 % interval', 'same class', 'smaller', 'ms (float32)'],
    ['float32', percent(measured.accuracy), '', '', '', '', ''],
    ...report.files.map(rowOf),
  ];
  return [
    ...alignTable(rows),
    '',
    `${groupDigits(measured.images)} images of ${measured.split}; differences in percentage points. Repairs: ${taken}.`,
    `In float32: ${kept.length === 0 ? 'nothing' : kept.join(', ')}.`,
    ...notes,
    '',
    list,
  ].join('\n');
}

function rowOf({ path, accuracy, ratio, latency }: QuantizedFile): string[] {
  const points = (value: number) => (100 * value).toFixed(2);
  const figures =
    accuracy === null
      ? ['not run', '', '', '']
      : [
          percent(accuracy.accuracy),
          points(accuracy.difference),
          accuracy.interval.map(points).join(' … '),
          percent(accuracy.same),
        ];
  const times = latency === null ? '' : `${latency.int8} (${latency.float32})`;
  return [path, ...figures, `${ratio.toFixed(2)} ×`, times];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
