import { existsSync } from 'node:fs';
import { basename, extname } from 'node:path';

import { checkInteger } from '../core/checks.js';
import { InputError } from '../core/errors.js';
import { pictureShapeOf } from '../core/preprocessing.js';
import { withRecords, type ModelRecords } from '../jobs/model-records.js';
import { inferenceOf, modelClasses, openModel } from '../jobs/model-source.js';
import type { Model } from '../models/model.js';
import { encodeModel } from '../onnx/encode.js';
import { buildInference } from '../predict/inference.js';
import type { ServedModel } from './engine/served-model.js';

/** Options of {@link openServed}. */
export interface ServedOptions extends ModelRecords {
  /** Most faces in one run of a network. */
  readonly batchSize: number;
  /** Average each answer over the face and its mirror image. */
  readonly flip: boolean;
}

/**
 * Opens the models of a server, each in every batch size that it will run.
 * @param sources `mien`, a run folder or a model file; `name=source` names it
 * @throws InputError when one is missing, or two have the same name
 */
export async function openServed(sources: readonly string[], options: ServedOptions): Promise<ServedModel[]> {
  const named = sources.map(nameSource);
  checkNames(named.map(({ id }) => id));
  const served = [];
  for (const { id, source } of named)
    served.push(serveModel(id, withRecords(await openModel(source), options), options));
  return served;
}

/** Translates a model to graphs of 1, 2, 4 … up to `batchSize` faces. */
export function serveModel(
  id: string,
  model: Model,
  { batchSize, flip }: Pick<ServedOptions, 'batchSize' | 'flip'>,
): ServedModel {
  const inference = inferenceOf(model);
  const { preprocessing } = inference;
  const pictureShape = pictureShapeOf(preprocessing);
  const parts = { ...inference, pictureShape, average: flip ? 'flip' : 'none' } as const;
  const graphs = batchSizes(batchSize).map((size) => ({
    batchSize: size,
    bytes: encodeModel(buildInference({ ...parts, batchSize: size })),
  }));
  return { id, classes: modelClasses(model), preprocessing, pictureShape, graphs };
}

/** Powers of two below the largest batch, and the largest itself. */
export function batchSizes(largest: number): number[] {
  checkInteger('batch size', largest, 1, 1024);
  const sizes = [];
  for (let size = 1; size < largest; size *= 2) sizes.push(size);
  return [...sizes, largest];
}

function nameSource(text: string): { readonly id: string; readonly source: string } {
  const named = /^([\w.-]+)=(.+)$/.exec(text);
  // A path that has a "=" itself is taken as it is.
  if (named !== null && !existsSync(text)) return { id: named[1] ?? '', source: named[2] ?? '' };
  const name = basename(text);
  return { id: existsSync(text) ? basename(name, extname(name)) : name, source: text };
}

function checkNames(ids: readonly string[]): void {
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice === undefined) return;
  throw new InputError({
    where: '--model',
    received: `two models named "${twice}"`,
    expected: 'different names',
    remedy: `name one: --model other=${twice}`,
  });
}
