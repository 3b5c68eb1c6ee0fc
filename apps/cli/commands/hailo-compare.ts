import type { Command } from 'commander';

import {
  formatHailoComparison,
  hailoCompareJob,
  hasLiteRt,
  litertNode,
  ortNode,
  SHIPPED,
  type HailoCompareOptions,
} from '../../../src/node.js';
import { Display } from '../display.js';
import { choiceOption, withCache, withDebug, withJson } from '../options.js';
import { print, printJson } from '../output.js';

type CompareFlags = Omit<HailoCompareOptions, 'runtime' | 'tflite'> & { readonly json?: true };

/** `mien hailo compare`. */
export function addHailoCompare(hailo: Command): void {
  const command = hailo
    .command('compare')
    .description('Say where float model, quantized model and device part on the same pictures.')
    .requiredOption(
      '--float <model>',
      `run folder, .keras or .h5 file, or shipped model (${SHIPPED.join(', ')})`,
    )
    .requiredOption('--device-log <file>', "CSV of the device's answers: file, and predicted or p_<class> …")
    .option('--int8 <file>', 'the quantized model (.onnx), or a CSV of its answers (default: not compared)')
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
    )
    .option(
      '--preprocessing <file>',
      'record of a model that came without: JSON file or name (default: its own)',
    )
    .option('--out <folder>', 'keep agreement.json and agreement.txt there (default: nowhere)');
  withDebug(withJson(withCache(command))).action(runCompare);
}

async function runCompare({ json, ...flags }: CompareFlags): Promise<void> {
  const display = new Display();
  try {
    const tflite = hasLiteRt() ? { tflite: litertNode() } : {};
    const found = await hailoCompareJob({ ...flags, runtime: ortNode(), ...tflite }, display);
    display.close();
    await (json === true ? printJson({ version: 1, ...found }) : print(formatHailoComparison(found)));
  } finally {
    display.close();
  }
}
