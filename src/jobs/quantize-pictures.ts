import { evaluationBatches } from '../data/batches.js';
import type { ImageSet } from '../data/images.js';
import type { PictureSource } from '../export/quantize/engine.js';
import type { Program } from '../export/program/program.js';
import { sizeOf } from '../core/tensor.js';
import { GraphBuilder } from '../onnx/builder.js';
import { encodeModel } from '../onnx/encode.js';
import { preprocess } from '../models/preprocess.js';
import { Emitter } from '../ops/emitter.js';
import { decomposeGraph } from '../ops/decompose.js';
import { schemaOf } from '../ops/registry.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { GraphError } from '../core/errors.js';
import type { Runtime } from '../runtime/session.js';

/** Most bytes that the values of one batch may take while they are measured. */
const BATCH_BYTES = 1.28e8;
const LARGEST_BATCH = 32;

/** Pictures per batch, so that the values of a program of one picture fit into memory. */
export function batchSizeFor({ values }: Program): number {
  let bytes = 0;
  for (const { shape } of values.values()) bytes += 4 * sizeOf(shape);
  return Math.max(1, Math.min(LARGEST_BATCH, Math.floor(BATCH_BYTES / bytes)));
}

/** Normalized pictures, made as inference makes them; close it when done. */
export interface Normalizer {
  source(indices: readonly number[]): PictureSource;
  close(): Promise<void>;
}

/** Prepares the record's arithmetic for the pictures of a set. */
export async function openNormalizer(
  runtime: Runtime,
  record: Preprocessing,
  images: ImageSet,
  batchSize: number,
): Promise<Normalizer> {
  const builder = new GraphBuilder('preprocessing', schemaOf);
  const shape = [batchSize, images.channels, images.height, images.width];
  const x = builder.input('x', 'float32', shape);
  builder.output('y', preprocess(new Emitter(builder), x, record));
  const session = await runtime.createSession(encodeModel(decomposeGraph(builder.build())));
  const batch = async (indices: readonly number[], index: number) => {
    const part = indices.slice(index * batchSize, (index + 1) * batchSize);
    const [pictures] = evaluationBatches(images, part, batchSize);
    const data = pictures?.x ?? new Float32Array(0);
    const { y } = await session.run({ x: { dtype: 'float32', shape, data } });
    if (y?.data instanceof Float32Array) return { dtype: 'float32' as const, shape: y.shape, data: y.data };
    throw new GraphError({ where: 'preprocessing', received: 'no pictures', expected: 'some' });
  };
  return {
    source: (indices) => ({
      count: Math.ceil(indices.length / batchSize),
      batchSize,
      batch: (index) => batch(indices, index),
    }),
    close: () => session.close(),
  };
}
