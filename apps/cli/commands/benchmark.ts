import type { Command } from 'commander';

import {
  benchmarkEngines,
  benchmarkJob,
  formatBenchmark,
  formatBenchmarkMarkdown,
  type BenchmarkOptions,
} from '../../../src/node.js';
import { withDisplay } from '../display.js';
import { withCache, withDebug, withJson, withRecords, wholeOf } from '../options.js';
import { report } from '../output.js';

interface BenchmarkFlags extends Omit<BenchmarkOptions, 'models'> {
  readonly json?: true;
  readonly markdown?: true;
}

/** `mien benchmark`. */
export function addBenchmark(program: Command): void {
  const command = program
    .command('benchmark')
    .description('Measure every format of models in every engine of this machine.')
    .argument('<models...>', 'shipped models, run folders, .keras, .h5, .onnx and .tflite files')
    .option('--data <path>', 'data whose test pictures give accuracies (default: agreement on drawn faces)')
    .option('--runs <n>', 'timed passes of one picture', wholeOf, 100);
  withRecords(command).option('--markdown', 'print a Markdown table (default: text)');
  withDebug(withJson(withCache(command))).action(runBenchmark);
}

async function runBenchmark(models: string[], { json, markdown, ...flags }: BenchmarkFlags): Promise<void> {
  const benchmark = await withDisplay(async (display) =>
    benchmarkJob({ ...flags, models }, await benchmarkEngines(), display),
  );
  const format = markdown === true ? formatBenchmarkMarkdown : formatBenchmark;
  await report(json, benchmark, () => format(benchmark));
}
