import type { Command } from 'commander';

import {
  formatHailoComparison,
  hailoCompareJob,
  ortNode,
  type HailoCompareOptions,
} from '../../../src/node.js';
import { withDisplay } from '../display.js';
import { choiceOption, MODELS, withCache, withDebug, withJson, withPreprocessing } from '../options.js';
import { report } from '../output.js';

type CompareFlags = Omit<HailoCompareOptions, 'runtime'> & { readonly json?: true };

/** `mien hailo compare`. */
export function addHailoCompare(hailo: Command): void {
  const command = hailo
    .command('compare')
    .description('Say where float model, quantized model and device part on the same pictures.')
    .requiredOption('--float <model>', MODELS.layers)
    .requiredOption('--device-log <file>', "CSV of the device's answers: file, and predicted or p_<class> …")
    .option(
      '--int8 <file>',
      'the quantized model (.onnx, .tflite), or a CSV of its answers (default: not compared)',
    )
    .option(
      '--data <path>',
      "the pictures that the device was shown: folder or CSV file (default: the run's own data)",
    )
    .addOption(
      choiceOption('--split <split>', 'their part of the data; validation needs a run folder', [
        'test',
        'validation',
        'train',
      ]).default('test'),
    );
  withPreprocessing(command).option(
    '--out <folder>',
    'keep agreement.json and agreement.txt there (default: nowhere)',
  );
  withDebug(withJson(withCache(command))).action(runCompare);
}

async function runCompare({ json, ...flags }: CompareFlags): Promise<void> {
  const found = await withDisplay((display) => hailoCompareJob({ ...flags, runtime: ortNode() }, display));
  await report(json, { version: 1, ...found }, () => formatHailoComparison(found));
}
