import type { Command } from 'commander';

import { InputError, ortNode, predictFiles, type Averaging } from '../../../src/node.js';
import { withClasses, withDebug, withModel, wholeOf } from '../options.js';
import { endWithReader, print } from '../output.js';
import { csvWriter, jsonWriter, textWriter, type PredictionWriter } from '../prediction-writers.js';

interface PredictFlags {
  readonly model: string;
  readonly batchSize: number;
  readonly classes?: readonly string[];
  readonly flip?: true;
  readonly average?: Averaging;
  readonly preprocessing?: string;
  readonly json?: true;
  readonly csv?: true;
}

/** `mien predict`. */
export function addPredict(program: Command): void {
  const command = program
    .command('predict')
    .description('Recognize the expression in pictures of faces.')
    .argument('<paths...>', 'pictures, and folders that are searched through to the bottom');
  withClasses(withModel(command))
    .option('--batch-size <n>', 'pictures per run of the network', wholeOf, 32)
    .option('--json', 'print one JSON document on stdout (default: text)')
    .option('--csv', 'print a CSV table on stdout (default: text)');
  withDebug(command).action(runPredict);
}

async function runPredict(paths: readonly string[], flags: PredictFlags): Promise<void> {
  endWithReader();
  const { json: _json, csv: _csv, ...options } = flags;
  const writer = writerOf(flags);
  let failed = 0;
  let count = 0;
  for await (const row of predictFiles({ ...options, paths, runtime: ortNode() })) {
    if ('error' in row) failed++;
    count++;
    await print(writer.row(row));
  }
  await print(writer.end(failed));
  if (failed > 0) throw unread(failed, count);
}

function writerOf({ json, csv, model }: PredictFlags): PredictionWriter {
  if (json === true) return jsonWriter(model);
  return csv === true ? csvWriter() : textWriter();
}

/** Which files and why stands in their rows. */
function unread(failed: number, count: number): InputError {
  return new InputError({
    where: 'predict',
    received: `${failed} of ${count} files that could not be read (named above)`,
    expected: 'pictures only',
  });
}
