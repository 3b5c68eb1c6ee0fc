/** Mutated model files: a refusal in one sentence or a load of the right sizes, never another error. */
import { readFileSync } from 'node:fs';

import { unzipSync, zipSync } from 'fflate';
import { expect, it } from 'vitest';

import { sizeOf } from '../../core/tensor.js';
import type { Model } from '../../models/model.js';
import { readKeras } from './archive.js';

const golden = (file: string) => readFileSync(new URL(`../../../tests/golden/${file}`, import.meta.url));
const zoo = golden('keras_zoo.keras');
const repacked = (change: (files: Record<string, Uint8Array>) => void) => {
  const files = unzipSync(zoo);
  change(files);
  return zipSync(files);
};

const nested = golden('keras_nested.keras');
const legacy = golden('keras_nested.h5');

/** Flips bits of a few bytes, another set for every number. */
const mutated = (bytes: Uint8Array, i: number) => {
  const changed = Uint8Array.from(bytes);
  // Structures stand between the values all over the files: every run of bytes is hit.
  for (let k = 0; k < 1 + (i % 3); k++)
    changed[(i * 7919 + k * 104_729 + 13) % bytes.length]! ^= 1 << ((i + k) % 8);
  return changed;
};
const accepts = async (bytes: Uint8Array) => {
  const result = await readKeras(bytes, 'm').catch((error: unknown) => error);
  if (result instanceof Error) {
    expect([result.name, result.message]).toContain('InputError');
    return;
  }
  const { graph, weights } = result as Model;
  for (const { key, spec } of graph.weightSlots) expect(weights.get(key)?.length).toBe(sizeOf(spec.shape));
};

it.each([
  ['.keras', zoo],
  ['nested .keras', nested],
  ['.h5', legacy],
])('%s, mutated anywhere: a refusal or a load of the right sizes', async (_, sound) => {
  for (let i = 0; i < 70; i++) await accepts(mutated(sound, i));
});

it('what a .keras holds, mutated and packed again with right checksums', async () => {
  const names = ['config.json', 'model.weights.h5', 'metadata.json'];
  for (let i = 0; i < 105; i++) {
    const name = names[i % names.length]!;
    await accepts(repacked((files) => void (files[name] = mutated(files[name]!, i))));
  }
});

it('weights of one bit changed keep all other values', async () => {
  const before = await readKeras(zoo, 'm');
  const bytes = repacked((files) => {
    const weights = files['model.weights.h5']!;
    weights[weights.length - 5]! ^= 1;
  });
  const after = await readKeras(bytes, 'm').catch(() => before);
  const differing = [...before.weights].filter(([key, values]) => {
    const others = after.weights.get(key)!;
    return values.some((value, at) => !Object.is(value, others[at]));
  });
  expect(differing.length).toBeLessThanOrEqual(1);
});
