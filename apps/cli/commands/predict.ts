import type { Command } from 'commander';

import {
  annotatePredictions,
  InputError,
  ortNode,
  predictFiles,
  SMALL_FACE,
  type Averaging,
} from '../../../src/node.js';
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
  readonly detect: boolean;
  readonly annotate?: string;
  readonly json?: true;
  readonly csv?: true;
}

/** `mien predict`. */
export function addPredict(program: Command): void {
  const command = program
    .command('predict')
    .description(
      `Find the faces in pictures and recognize their expressions. A picture of at most ${SMALL_FACE} pixels counts as one cropped face. For videos and cameras there is mien live.`,
    )
    .argument('<paths...>', 'pictures, and folders that are searched through to the bottom');
  withClasses(withModel(command))
    .option('--no-detect', 'take every picture as one face that is cropped already (default: find the faces)')
    .option('--annotate <folder>', 'write copies of the pictures with boxes and answers (default: none)')
    .option('--batch-size <n>', 'pictures per run of the network', wholeOf, 32)
    .option('--json', 'print one JSON document on stdout (default: text)')
    .option('--csv', 'print a CSV table on stdout (default: text)');
  withDebug(command).action(runPredict);
}

async function runPredict(paths: readonly string[], flags: PredictFlags): Promise<void> {
  endWithReader();
  const { json: _json, csv: _csv, annotate, ...options } = flags;
  const writer = writerOf(flags);
  let failed = 0;
  let count = 0;
  const found = predictFiles({ ...options, paths, runtime: ortNode() });
  const rows = annotate === undefined ? found : annotatePredictions(found, { out: annotate, paths });
  for await (const row of rows) {
    if ('error' in row && !('faces' in row)) failed++;
    if (!('face' in row) || row.face.number === 1) count++;
    await print(writer.row(row));
  }
  await print(writer.end(failed));
  if (failed > 0) throw unread(failed, count);
}

function writerOf({ json, csv, model, detect }: PredictFlags): PredictionWriter {
  if (json === true) return jsonWriter(model);
  return csv === true ? csvWriter({ places: detect }) : textWriter();
}

/** Which files and why stands in their rows. */
function unread(failed: number, count: number): InputError {
  return new InputError({
    where: 'predict',
    received: `${failed} of ${count} files that could not be read (named above)`,
    expected: 'pictures only',
  });
}
