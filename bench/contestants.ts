import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { InputError } from '../src/core/errors.js';
import { imageBytes, imageCount, pixelsAt, type ImageSet } from '../src/data/images.js';
import { modelClasses, modelPreprocessing, openModel, fileOf } from '../src/jobs/model-source.js';
import { packageFile } from '../src/jobs/package.js';
import { createClassifier } from '../src/predict/classifier.js';
import { Conversation } from './conversation.js';
import type { Machine } from './stepper.js';
import { progress } from './options.js';

/** An expression model under measurement. */
export interface Contestant {
  readonly name: string;
  readonly engine: string;
  /** Size of its file of weights. */
  readonly bytes: number;
  readonly classes: readonly string[];
  /** Probabilities of picture `index`, in the order of its classes. */
  answer(index: number): Promise<readonly number[]>;
  /** Milliseconds of each of so many pictures, one at a time. */
  times(count: number): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** Exact versions, so that the table is repeatable. */
const PACKAGES = [
  '@vladmandic/human@3.3.6',
  '@vladmandic/face-api@1.7.15',
  '@tensorflow/tfjs@4.22.0',
  '@tensorflow/tfjs-backend-wasm@4.22.0',
];

/** One of Mien's models at batch 1. @throws InputError when there is none */
export async function ownContestant(source: string, machine: Machine, images: ImageSet): Promise<Contestant> {
  const model = await openModel(source);
  const { graph, weights } = model;
  const preprocessing = modelPreprocessing(model);
  const pictureShape = [1, images.height, images.width] as const;
  const options = { graph, weights, preprocessing, batchSize: 1, pictureShape };
  const classifier = await createClassifier(machine.runtime, options);
  const answer = async (index: number) =>
    Array.from(await classifier.probabilities(Float32Array.from(pixelsAt(images, index))));
  return {
    name: source,
    engine: machine.runtime.name,
    bytes: statSync(fileOf(source).path ?? packageFile('assets', `${source}.safetensors`)).size,
    classes: modelClasses(model),
    answer,
    times: (count) => timed(answer, count, imageCount(images)),
    close: () => classifier.close(),
  };
}

async function timed(
  answer: (index: number) => Promise<unknown>,
  count: number,
  images: number,
): Promise<number[]> {
  const ms: number[] = [];
  for (let i = 0; i < count; i++) {
    const begin = performance.now();
    await answer(i % images);
    ms.push(performance.now() - begin);
  }
  return ms;
}

interface Opening {
  readonly tfjs: string;
  readonly models: Readonly<Record<string, { classes: string[]; bytes: number; version: string }>>;
}

/** The peers, installed where they are missing. @throws InputError when npm cannot, or they do not start */
export async function peerContestants(
  images: ImageSet,
  places: { readonly folder: string; readonly threads: number; readonly scratch: string },
): Promise<Contestant[]> {
  const folder = resolve(places.folder);
  installPeers(folder);
  const path = join(places.scratch, 'pictures.bin');
  writeFileSync(path, images.pixels.subarray(0, imageBytes(images) * imageCount(images)));
  const script = fileURLToPath(new URL('../../bench/peers/expression_models.mjs', import.meta.url));
  const remedy = `remove ${folder} to install the peers again`;
  const talk = new Conversation('expression peers', remedy, [process.execPath, script, folder]);
  const opening = await talk.ask<Opening>({ threads: places.threads, path, side: images.height });
  const names = Object.entries(opening.models);
  return names.map(([name, { classes, bytes, version }], i) => ({
    name: `${name} ${version}`,
    engine: `TensorFlow.js ${opening.tfjs} wasm`,
    bytes,
    classes,
    answer: async (index) => {
      const reply = await talk.ask<{ rows: number[][] }>({ model: name, from: index, count: 1 });
      return reply.rows[0] ?? [];
    },
    times: async (count) =>
      (await talk.ask<{ ms: number[] }>({ model: name, from: 0, count, times: true })).ms,
    close: () => {
      if (i === names.length - 1) talk.end();
      return Promise.resolve();
    },
  }));
}

function installPeers(folder: string): void {
  if (existsSync(join(folder, 'node_modules/@vladmandic/human'))) return;
  progress(`installing ${PACKAGES.join(', ')} in ${folder}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...PACKAGES];
  const { status, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
  if (status === 0) return;
  throw new InputError({
    where: `npm install in ${folder}`,
    received: stderr.trim().split('\n').at(-1) ?? `exit code ${status ?? 'none'}`,
    expected: 'the packages to compare with',
    remedy: 'check the network, or name a folder that has them with --folder',
  });
}
