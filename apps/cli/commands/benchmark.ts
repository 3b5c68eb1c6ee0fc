import type { Command } from 'commander';

import {
  benchmarkEngines,
  benchmarkJob,
  formatBenchmark,
  formatBenchmarkMarkdown,
  type BenchmarkOptions,
} from '../../../src/node.js';
import { Display } from '../display.js';
import { namesOf, withCache, withDebug, withJson, wholeOf } from '../options.js';
import { print, printJson } from '../output.js';

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
    .option('--runs <n>', 'timed passes of one picture', wholeOf, 100)
    .option('--classes <names>', 'names of the outputs, for models that came without', namesOf)
    .option('--preprocessing <file>', 'record of models that came without: JSON file or name')
    .option('--markdown', 'print a Markdown table (default: text)');
  withDebug(withJson(withCache(command))).action(runBenchmark);
}

async function runBenchmark(models: string[], { json, markdown, ...flags }: BenchmarkFlags): Promise<void> {
  const display = new Display();
  try {
    const benchmark = await benchmarkJob({ ...flags, models }, await benchmarkEngines(), display);
    display.close();
    if (json === true) await printJson(benchmark);
    else await print(markdown === true ? formatBenchmarkMarkdown(benchmark) : formatBenchmark(benchmark));
  } finally {
    display.close();
  }
}
