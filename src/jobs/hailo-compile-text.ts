import { alignTable } from '../evaluate/table.js';
import type { CheckedLogits } from '../export/hailo/bundle/check.js';
import type { HailoCompiled } from './hailo-compile-job.js';

/** A compilation as text for people: stages, check, results. */
export function formatHailoCompiled(result: HailoCompiled): string {
  const { compiler, architecture, stages, resumed, check, hef, log } = result;
  const stageRows = Object.entries(stages).map(([name, { seconds, files }]) => [
    name,
    resumed.some((stage) => stage === name) ? 'done before' : `${seconds.toFixed(1)} s`,
    Object.keys(files).join(', '),
  ]);
  const row = (name: string, { accuracy, agreement, largestDifference }: CheckedLogits) => [
    name,
    percent(accuracy),
    percent(agreement),
    largestDifference.toFixed(4),
  ];
  const checkRows = [
    ['', 'accuracy', 'agrees with float', 'largest difference'],
    ['float model', percent(check.float.accuracy), '', ''],
    row('compiler, full precision', check.emulated),
    row('compiler, quantized', check.quantized),
  ];
  return [
    `Dataflow Compiler ${compiler}, ${architecture}`,
    ...alignTable(stageRows, [0, 2]),
    '',
    `Check on ${check.images} images:`,
    ...alignTable(checkRows).map((line) => `  ${line}`),
    '',
    `Executable: ${hef}, with labels.json and preprocessing.json beside it`,
    `Log: ${log}`,
    '',
  ].join('\n');
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(2)} %`;
}
