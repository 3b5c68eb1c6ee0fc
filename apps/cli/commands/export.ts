import { InvalidArgumentError, type Command } from 'commander';

import {
  exportFormats,
  exportJob,
  exportPrecisions,
  formatExport,
  litertNode,
  ortNode,
  type ExportFormat,
  type ExportOptions,
  type ExportPrecision,
} from '../../../src/node.js';
import { withDisplay } from '../display.js';
import {
  choiceOption,
  MODELS,
  someOf,
  withCache,
  withDebug,
  withJson,
  withRecords,
  wholeOf,
} from '../options.js';
import { report } from '../output.js';

interface ExportFlags extends Omit<
  ExportOptions,
  'model' | 'formats' | 'precisions' | 'compiled' | 'softmax'
> {
  readonly format: readonly ExportFormat[];
  readonly precision: readonly ExportPrecision[];
  readonly softmax?: true;
  readonly compiled?: true;
  readonly json?: true;
}

/** `mien export`. */
export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description('Write a model for other tools, and run every file against the model it came from.')
    .argument('<model>', MODELS.layers)
    .requiredOption(
      '--format <names>',
      `what to write: some of ${exportFormats.join(', ')}`,
      someOf(exportFormats),
    )
    .option(
      '--precision <names>',
      `in which numbers: some of ${exportPrecisions.join(', ')}`,
      someOf(exportPrecisions),
      ['float32'],
    )
    .option('--out <folder>', 'where to write it', 'exported')
    .addOption(
      choiceOption(
        '--input <kind>',
        'onnx, tflite: normalized floats, or raw uint8 pictures, normalized inside',
        ['normalized', 'image'],
      ).default('normalized'),
    )
    .option(
      '--batch <n>',
      'pictures per run, or "dynamic" (default: dynamic for onnx, 1 for tflite)',
      batchOf,
    )
    .option('--softmax', 'onnx, tflite: end in probabilities (default: logits)')
    .option('--opset <n>', 'onnx: version of the operators, 17 to 21 (default: 18)', wholeOf);
  withRecords(withCheckOptions(command));
  withDebug(withJson(withCache(command))).action(runExport);
}

function withCheckOptions(command: Command): Command {
  return command
    .option(
      '--compiled',
      'keras: with an Adam optimizer and a cross-entropy loss, ready for model.fit; a focal loss and a schedule are left out (default: uncompiled)',
    )
    .option(
      '--data <path>',
      "data whose test pictures the files are checked on, and for int8 whose training pictures give the ranges (default: drawn faces for the check; a run's own data for int8, a shipped model's own ranges)",
    );
}

function batchOf(text: string): 'dynamic' | number {
  if (text === 'dynamic') return text;
  const size = wholeOf(text);
  if (size < 1) throw new InvalidArgumentError('Not a whole number of at least 1, or "dynamic".');
  return size;
}

async function runExport(source: string, { json, format, precision, ...flags }: ExportFlags): Promise<void> {
  const exported = await withDisplay((display) =>
    exportJob(
      { ...flags, formats: format, precisions: precision, model: source },
      { runtime: ortNode(), litert: litertNode },
      display,
    ),
  );
  await report(json, { version: 1, ...exported }, () => formatExport(exported));
}
