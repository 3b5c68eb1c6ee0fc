import sharp from 'sharp';
import { describe, expect, it } from 'vitest';

import type { Tensor } from '../../core/tensor.js';
import type { Runtime } from '../../runtime/session.js';
import type { FaceFinder } from './faces.js';
import type { RunRecord } from './job.js';
import { Replica, type ReplicaSettings } from './replica.js';
import type { ServedModel } from './served-model.js';

/** Answers each face with its first pixel, so that a mix-up shows. */
const runtime: Runtime = {
  name: 'fake',
  createSession: () =>
    Promise.resolve({
      run: ({ x }) => {
        const { data, shape } = x as Tensor<'float32'>;
        const [n = 0] = shape;
        const rows = Float32Array.from({ length: 2 * n }, (_, i) => {
          const first = (data[(i >> 1) * 4] ?? 0) / 255;
          return i % 2 === 0 ? first : 1 - first;
        });
        return Promise.resolve({ probabilities: { dtype: 'float32', shape: [n, 2], data: rows } });
      },
      close: () => Promise.resolve(),
    }),
};

const model = {
  id: 'toy',
  classes: ['light', 'dark'],
  preprocessing: { sourceSize: [2, 2], colour: 'grey' },
  pictureShape: [1, 2, 2],
  graphs: [1, 2, 4].map((batchSize) => ({ batchSize, bytes: new Uint8Array() })),
} as unknown as ServedModel;
const settings: ReplicaSettings = { models: [model], maxPixels: 100, batchWait: 20, sessionThreads: 1 };

async function grey(value: number, size = 2): Promise<Uint8Array> {
  const create = {
    width: size,
    height: size,
    channels: 3,
    background: { r: value, g: value, b: value },
  } as const;
  return sharp({ create }).toColourspace('b-w').png().toBuffer();
}

async function open(finder?: FaceFinder) {
  const runs: RunRecord[] = [];
  const onRun = (record: RunRecord) => runs.push(record);
  const replica = await Replica.open(runtime, settings, finder === undefined ? { onRun } : { onRun, finder });
  return { replica, runs };
}

const sent = (bytes: Uint8Array, i = 0) => ({ bytes, where: `picture ${i + 1}` });

describe('Replica', () => {
  it('answers every picture its own, in few runs', async () => {
    const { replica, runs } = await open();
    const values = [0, 51, 102, 153, 204, 255, 51];
    const pictures = await Promise.all(values.map(async (value, i) => sent(await grey(value), i)));
    const results = await replica.answer({ id: 1, model: 'toy', detect: false, pictures });
    const first = results.map((result) =>
      'faces' in result ? result.faces[0]?.probabilities[0] : undefined,
    );
    first.forEach((p, i) => expect(p).toBeCloseTo((values[i] ?? 0) / 255, 5));
    expect(runs.reduce((sum, { faces }) => sum + faces, 0)).toBe(values.length);
    expect(runs.length).toBeLessThanOrEqual(4);
  });

  it('refuses large, strange and damaged pictures and answers the others', async () => {
    const { replica } = await open();
    const good = await grey(255);
    const big = await grey(1, 11);
    const bytes = [good, big, Buffer.from('GIF89a'), good.subarray(0, 40), new Uint8Array()];
    const results = await replica.answer({ id: 1, model: 'toy', detect: false, pictures: bytes.map(sent) });
    expect(results.map((result) => ('failure' in result ? result.failure.code : 'answered'))).toEqual([
      ...['answered', 'too_many_pixels', 'unsupported_picture', 'damaged_picture', 'empty_picture'],
    ]);
  });

  it('classifies each face that a detector finds, and none where there is none', async () => {
    const box = { x: 1, y: 2, width: 3, height: 4 };
    const finder: FaceFinder = {
      find: (picture) =>
        Promise.resolve(picture.width === 2 ? [] : [1, 2].map((score) => ({ box, score, crop: picture }))),
    };
    const { replica } = await open(finder);
    const pictures = [sent(await grey(255, 4)), sent(await grey(255))];
    const [two, none] = await replica.answer({ id: 1, model: 'toy', detect: true, pictures });
    expect(two).toMatchObject({ width: 4, faces: [1, 2].map((score) => ({ box, score })) });
    expect(none).toEqual({ width: 2, height: 2, faces: [] });
    const [whole] = await replica.answer({ id: 2, model: 'toy', detect: false, pictures });
    expect(whole).toMatchObject({ width: 4, faces: [{ box: null, score: null }] });
  });

  it('drops what was not begun when it is aborted, and goes on', async () => {
    const { replica, runs } = await open();
    const picture = sent(await grey(255));
    const abort = new AbortController();
    const answer = replica.answer(
      { id: 1, model: 'toy', detect: false, pictures: Array(30).fill(picture) },
      abort.signal,
    );
    abort.abort(new Error('gone'));
    await expect(answer).rejects.toThrow('gone');
    const [next] = await replica.answer({ id: 2, model: 'toy', detect: false, pictures: [picture] });
    expect(next).toHaveProperty('faces');
    expect(runs.reduce((sum, { faces }) => sum + faces, 0)).toBeLessThan(30);
  });
});
