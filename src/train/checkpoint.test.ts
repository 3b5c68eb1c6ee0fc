import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import type { TrainingState } from './training-state.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-checkpoint-'));
const path = join(folder, 'state.safetensors');
afterAll(() => rmSync(folder, { recursive: true }));

const state: TrainingState = {
  stage: 1,
  epoch: 3,
  batch: 17,
  epochsBefore: 5,
  best: { epoch: 7, value: 0.81 },
  sums: { loss: 12.25, correct: 300, steps: 17, seconds: 2.5 },
  weights: new Map([['conv/kernel', Float32Array.of(1, Math.fround(0.1))]]),
  bestWeights: new Map([['conv/kernel', Float32Array.of(3, 4)]]),
  vectors: new Map([
    ['parameters', Float32Array.of(5)],
    ['m', Float32Array.of(1e-30)],
  ]),
};

describe('checkpoint', () => {
  it('reads back every part, bit for bit', () => {
    saveCheckpoint(path, state, 'run');
    expect(loadCheckpoint(path, 'run')).toEqual(state);
  });

  it('remembers that there is no best yet', () => {
    saveCheckpoint(path, { ...state, best: undefined, bestWeights: undefined }, 'run');
    const read = loadCheckpoint(path, 'run');
    expect([read.best, read.bestWeights]).toEqual([undefined, undefined]);
  });

  it('refuses the checkpoint of another run', () => {
    saveCheckpoint(path, state, 'run');
    expect(() => loadCheckpoint(path, 'other')).toThrow(
      'received a checkpoint of a run with other settings, data or version, expected the checkpoint of this very run; ' +
        'resume with the settings in its args.yaml, or start anew.',
    );
  });

  it('refuses a truncated file', () => {
    saveCheckpoint(path, state, 'run');
    writeFileSync(path, readFileSync(path).subarray(0, 100));
    expect(() => loadCheckpoint(path, 'run')).toThrow('expected a whole safetensors file');
  });

  it('says where it looked when there is none', () => {
    const missing = join(folder, 'missing.safetensors');
    expect(() => loadCheckpoint(missing, 'run')).toThrow(`--resume: received no checkpoint at ${missing}`);
  });
});
