import { alignTable, groupDigits } from '../evaluate/table.js';
import { digits } from './export-check.js';
import type { Exported } from './export-job.js';

/** What was written and how it was checked, as text. */
export function formatExport({ files, report }: Exported): string {
  const header = ['file', 'bytes', 'run by', 'same class', 'largest difference'];
  const rows = report.artefacts.map(({ path, bytes, runtime, images, sameClass, maxDifference }) => [
    path,
    groupDigits(bytes),
    runtime,
    images === 1 ? '' : `${sameClass} of ${images}`,
    maxDifference === 0 ? '0' : digits(maxDifference),
  ]);
  return [
    ...files.map(({ path, bytes }) => `${path} (${bytes} bytes)`),
    '',
    `Checked against the layer graph on ${report.checkedOn}:`,
    ...alignTable([header, ...rows], [0, 2]),
    ...(report.ranges === null ? [] : ['', `Ranges of int8 files: ${report.ranges}.`]),
    '',
  ].join('\n');
}
