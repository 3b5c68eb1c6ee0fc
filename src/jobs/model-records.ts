import { existsSync, readFileSync } from 'node:fs';

import { InputError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { parseJson, readPreprocessing } from '../export/keras/mien-record.js';
import type { Model } from '../models/model.js';
import { preprocessingOf, WEIGHT_RECORDS } from '../models/weights/records.js';

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

function recordOf(source: string, model: Model): Preprocessing {
  const known = WEIGHT_RECORDS.find(({ name }) => name === source);
  if (known !== undefined) return preprocessingOf(known.input, { inputSize: inputSizeOf(model) });
  if (existsSync(source)) return readPreprocessing(source, parseJson(source, readFileSync(source, 'utf8')));
  throw new InputError({
    where: '--preprocessing',
    received: `"${source}"`,
    expected: `a JSON file or one of ${[...new Set(WEIGHT_RECORDS.map(({ name }) => name))].join(', ')}`,
  });
}

function inputSizeOf({ graph }: Model): readonly [number, number] {
  const [height = 1, width = 1] = graph.shapeOf(graph.inputs[0] ?? '');
  return [height, width];
}
