import type { Command } from 'commander';

import {
  formatQuantization,
  hasLiteRt,
  litertNode,
  ortNode,
  quantizeJob,
  RANGE_METHODS,
  REPAIRS,
  type QuantizeOptions,
} from '../../../src/node.js';
import { withDisplay } from '../display.js';
import {
  choiceOption,
  MODELS,
  namesOf,
  someOf,
  withCache,
  withDebug,
  withJson,
  withRecords,
  wholeOf,
} from '../options.js';
import { report } from '../output.js';

interface QuantizeFlags extends Omit<QuantizeOptions, 'model'> {
  readonly json?: true;
}

/** `mien quantize`. */
export function addQuantize(program: Command): void {
  const command = program
    .command('quantize')
    .description('Write a model in 8 bits for TensorFlow Lite and ONNX, and measure what that costs.')
    .argument('<model>', MODELS.layers)
    .requiredOption(
      '--data <path>',
      'data root or file like fer2013.csv: ranges from train, accuracy from test',
    )
    .option('--out <folder>', 'where to write the files', 'quantized')
    .option('--report', 'measure layers and accuracy, write table and picture (default: on)', true)
    .option('--no-report', 'write the two models only')
    .option('--images <n>', 'training pictures for the ranges, by class', wholeOf, 1024)
    .option('--seed <n>', 'which pictures', wholeOf, 1)
    .option(
      '--methods <names>',
      `how ranges are found, the best of some of ${RANGE_METHODS.join(', ')}`,
      someOf(RANGE_METHODS),
      [...RANGE_METHODS],
    )
    .option(
      '--repairs <names>',
      `what is tried and kept where it helps: some of ${REPAIRS.join(', ')}`,
      someOf(REPAIRS),
      [...REPAIRS],
    );
  command.option(
    '--keep <names>',
    'layers that stay in float32, by their names in the report (default: none)',
    namesOf,
  );
  withRecords(withBoundary(command));
  withDebug(withJson(withCache(command))).action(runQuantize);
}

function withBoundary(command: Command): Command {
  const types = ['float32', 'int8', 'uint8'];
  return command
    .addOption(choiceOption('--input-type <type>', 'tflite: what goes in', types).default('float32'))
    .addOption(choiceOption('--output-type <type>', 'tflite: what comes out', types).default('float32'));
}

async function runQuantize(source: string, { json, ...flags }: QuantizeFlags): Promise<void> {
  const engines = { runtime: ortNode(), ...(hasLiteRt() ? { litert: litertNode } : {}) };
  const outcome = await withDisplay((display) => quantizeJob({ ...flags, model: source }, engines, display));
  await report(json, { version: 1, ...outcome }, () => formatQuantization(outcome));
}
