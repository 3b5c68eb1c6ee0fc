import { existsSync, readFileSync } from 'node:fs';

import { InputError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { parseJson, readPreprocessing } from '../export/keras/mien-record.js';
import { INPUTS, preprocessingOf, WEIGHT_RECORDS, type InputStatistics } from '../models/weights/records.js';
import { inputOf, modelName, outputsOf, type AnyModel } from './any-model.js';

/** What a person says about a model whose file does not say it. */
export interface ModelRecords {
  /** Class names in the order of the outputs. */
  readonly classes?: readonly string[];
  /** A JSON file with a preprocessing record, or the name of a weight record, e.g. `keras`. */
  readonly preprocessing?: string;
}

/**
 * Adds records to a model that came without them; a model's own records stay.
 * @throws InputError when the record is unreadable or the number of classes is not that of the outputs
 */
export function withRecords<M extends AnyModel>(model: M, { classes, preprocessing }: ModelRecords): M {
  const named = model.classes ?? classes;
  const outputs = outputsOf(model) ?? named?.length;
  if (named !== undefined && named.length !== outputs) {
    throw new InputError({
      where: `model "${modelName(model)}"`,
      received: `${named.length} class names (${named.join(', ')})`,
      expected: `${outputs ?? 0}, one per output`,
    });
  }
  const record =
    model.preprocessing ?? (preprocessing === undefined ? undefined : recordOf(preprocessing, model));
  return { ...model, classes: named, preprocessing: record };
}

/** Names that stand for a preprocessing record. */
export const preprocessingNames: readonly string[] = [
  ...new Set([...Object.keys(INPUTS), ...WEIGHT_RECORDS.map(({ name }) => name)]),
];

function recordOf(source: string, model: AnyModel): Preprocessing {
  const input = INPUTS[source] ?? WEIGHT_RECORDS.find(({ name }) => name === source)?.input;
  if (input !== undefined) return named(input, model);
  if (existsSync(source)) return readPreprocessing(source, parseJson(source, readFileSync(source, 'utf8')));
  throw new InputError({
    where: '--preprocessing',
    received: `"${source}"`,
    expected: `a JSON file or one of ${preprocessingNames.join(', ')}`,
  });
}

/** A named record for a model's own size; a model for grey pictures takes the first channel's numbers. */
function named(input: InputStatistics, model: AnyModel): Preprocessing {
  const shape = inputOf(model);
  if (shape === undefined)
    throw new InputError({
      where: '--preprocessing',
      received: 'a name for a model that leaves its input size open',
      expected: 'a JSON file that says the size',
    });
  const [height = 1, width = 1, channels = 3] = shape;
  const choice = { inputSize: [height, width] } as const;
  if (channels !== 1) return preprocessingOf(input, choice);
  const grey = { ...input, channels: 1 as const, mean: input.mean.slice(0, 1), std: input.std.slice(0, 1) };
  return preprocessingOf(grey, { ...choice, colour: 'grey' });
}
