import { readFileSync } from 'node:fs';

import { InputError, messageOf } from '../core/errors.js';
import { decodeSafeTensors, encodeSafeTensors } from '../core/safetensors.js';
import type { Tensor } from '../core/tensor.js';
import { readMienRecord, writeMienRecord } from '../export/keras/mien-record.js';
import { readConfig } from '../export/keras/read-config.js';
import { writeConfig } from '../export/keras/write-config.js';
import type { Json } from '../layers/json.js';
import { checkWeights, type Model } from '../models/model.js';
import { decodeFloat16, encodeFloat16 } from '../models/weights/float16.js';
import { packageFile } from './package.js';

/** Names of the models that the package carries. */
export const SHIPPED: readonly string[] = ['mien'];

/** Whether a name is a shipped model's. */
export function isShipped(name: string): boolean {
  return SHIPPED.includes(name);
}

/** Loads a shipped model. @throws InputError when the package is damaged */
export function loadShipped(name: string): Promise<Model> {
  const path = packageFile('assets', `${name}.safetensors`);
  try {
    return Promise.resolve(decodeShipped(readFileSync(path), path));
  } catch (error) {
    const received = messageOf(error);
    const remedy = 'install the package again';
    throw new InputError(
      { where: `model "${name}"`, received, expected: 'its file in the package', remedy },
      { cause: error },
    );
  }
}

/** A model in half precision: safetensors, with the Keras configuration and the record in its metadata. */
export function encodeShipped(model: Model): Uint8Array {
  const tensors = new Map<string, Tensor>();
  for (const { key, spec } of model.graph.weightSlots) {
    const values = model.weights.get(key) ?? new Float32Array(0);
    tensors.set(key, { dtype: 'float16', shape: spec.shape, data: encodeFloat16(values) });
  }
  const config = JSON.stringify(writeConfig(model.graph));
  return encodeSafeTensors({ tensors, metadata: { version: '1', config, record: writeMienRecord(model) } });
}

/** Reads what {@link encodeShipped} wrote. @throws InputError when it is damaged */
export function decodeShipped(bytes: Uint8Array, where: string): Model {
  const { tensors, metadata } = decodeSafeTensors(bytes, where);
  const { graph } = readConfig(where, JSON.parse(metadata['config'] ?? '{}') as Json);
  const weights = new Map([...tensors].map(([key, { data }]) => [key, decodeFloat16(data as Uint16Array)]));
  checkWeights(graph, weights);
  return { graph, weights, ...readMienRecord(where, metadata['record']) };
}
