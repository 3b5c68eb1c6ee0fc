import { existsSync, readFileSync } from 'node:fs';

import { InputError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { decodeSafeTensors, encodeSafeTensors } from '../core/safetensors.js';
import { float32, type Tensor } from '../core/tensor.js';
import type { TrainingState } from './training-state.js';

const VERSION = '1';

/** Groups of tensors in a checkpoint, by prefix of their names. */
const GROUPS = { weights: 'weights/', best: 'best/', vectors: 'vectors/' } as const;

type Progress = Omit<TrainingState, 'weights' | 'bestWeights' | 'vectors'>;

/**
 * Saves a training state in one safetensors file, atomically: weights, best weights, optimizer state, and
 * where the training stands as JSON in its metadata.
 *
 * @param fingerprint digest of what the run depends on; a run with another one refuses the file
 */
export function saveCheckpoint(path: string, state: TrainingState, fingerprint: string): void {
  const { weights, bestWeights, vectors, ...progress } = state;
  const tensors = new Map<string, Tensor>();
  const put = (prefix: string, values: ReadonlyMap<string, Float32Array>) => {
    for (const [name, data] of values) tensors.set(prefix + name, float32(data, [data.length]));
  };
  put(GROUPS.weights, weights);
  put(GROUPS.best, bestWeights ?? new Map<string, Float32Array>());
  put(GROUPS.vectors, vectors);
  const metadata = { version: VERSION, fingerprint, progress: JSON.stringify(progress) };
  writeFileAtomic(path, encodeSafeTensors({ tensors, metadata }));
}

/**
 * Reads a training state.
 * @throws InputError when there is none, it is damaged, or it belongs to another run
 */
export function loadCheckpoint(path: string, fingerprint: string): TrainingState {
  if (!existsSync(path)) {
    throw new InputError({
      where: '--resume',
      received: `no checkpoint at ${path}`,
      expected: 'the folder of an unfinished run',
      remedy: 'name a folder that "mien train" made, or leave --resume out to start anew',
    });
  }
  const { tensors, metadata } = decodeSafeTensors(readFileSync(path), path);
  if (metadata['version'] !== VERSION || metadata['fingerprint'] !== fingerprint) throw foreign(path);
  const group = (prefix: string) =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, { data }]) => [name.slice(prefix.length), data as Float32Array]),
    );
  const progress = JSON.parse(metadata['progress'] ?? '{}') as Progress;
  const best = group(GROUPS.best);
  return {
    ...progress,
    best: progress.best,
    weights: group(GROUPS.weights),
    bestWeights: best.size === 0 ? undefined : best,
    vectors: group(GROUPS.vectors),
  };
}

function foreign(path: string): InputError {
  return new InputError({
    where: path,
    received: 'a checkpoint of a run with other settings, data or version',
    expected: 'the checkpoint of this very run',
    remedy: 'resume with the settings in its args.yaml, or start anew',
  });
}
