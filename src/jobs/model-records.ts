import { existsSync, readFileSync } from 'node:fs';

import { InputError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { parseJson, readPreprocessing } from '../export/keras/mien-record.js';
import type { Model } from '../models/model.js';
import { INPUTS, preprocessingOf, WEIGHT_RECORDS, type InputStatistics } from '../models/weights/records.js';

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
export function withRecords(model: Model, { classes, preprocessing }: ModelRecords): Model {
  const named = model.classes ?? classes;
  const outputs = outputsOf(model);
  if (named !== undefined && named.length !== outputs) {
    throw new InputError({
      where: `model "${model.graph.name}"`,
      received: `${named.length} class names (${named.join(', ')})`,
      expected: `${outputs}, one per output`,
    });
  }
  const record =
    model.preprocessing ?? (preprocessing === undefined ? undefined : recordOf(preprocessing, model));
  return { ...model, classes: named, preprocessing: record };
}

function outputsOf({ graph }: Model): number {
  return graph.shapeOf(graph.outputs[0] ?? '').at(-1) ?? 0;
}

/** Names that stand for a preprocessing record. */
export const preprocessingNames: readonly string[] = [
  ...new Set([...Object.keys(INPUTS), ...WEIGHT_RECORDS.map(({ name }) => name)]),
];

function recordOf(source: string, model: Model): Preprocessing {
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
function named(input: InputStatistics, { graph }: Model): Preprocessing {
  const [height = 1, width = 1, channels = 3] = graph.shapeOf(graph.inputs[0] ?? '');
  const choice = { inputSize: [height, width] } as const;
  if (channels !== 1) return preprocessingOf(input, choice);
  const grey = { ...input, channels: 1 as const, mean: input.mean.slice(0, 1), std: input.std.slice(0, 1) };
  return preprocessingOf(grey, { ...choice, colour: 'grey' });
}
