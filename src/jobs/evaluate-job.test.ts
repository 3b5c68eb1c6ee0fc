import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { writeDrawnFaces } from '../data/draw/write.js';
import { saveKeras } from '../export/keras/archive.js';
import { withHead } from '../models/head.js';
import { mobileNetV3Small } from '../models/mobilenet-v3-small.js';
import { initialWeights, type Model } from '../models/model.js';
import { findRecord, preprocessingOf } from '../models/weights/records.js';
import { ortNode } from '../runtime/node/ort.js';
import { evaluateJob } from './evaluate-job.js';
import type { JobEvent } from './events.js';
import { predictFiles } from './predict-job.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-evaluate-'));
afterAll(() => rmSync(folder, { recursive: true }));
const data = join(folder, 'faces');
const runtime = ortNode();
const record = findRecord('mobileNetV3Small', 'torchvision');
const preprocessing = preprocessingOf(record.input, {
  inputSize: [32, 32],
  sourceSize: [48, 48],
  colour: 'grey',
});

/** A model with the classes the other way round than the folders. */
async function modelFile(name: string, records: Partial<Model>): Promise<string> {
  const backbone = mobileNetV3Small({ inputShape: [32, 32, 3], weights: record });
  const graph = withHead(backbone, { kind: 'light', classes: 2 });
  const path = join(folder, name);
  const bare = { preprocessing: undefined, classes: undefined, origin: {} };
  await saveKeras(path, { graph, weights: initialWeights(graph), ...bare, ...records });
  return path;
}

let model: string;
beforeAll(async () => {
  await writeDrawnFaces({ out: data, train: 8, test: 6, classes: ['happy', 'sad', 'fear'] });
  model = await modelFile('whole.keras', { preprocessing, classes: ['sad', 'happy'] });
});

describe('evaluateJob', () => {
  it('labels pictures in the order of the model, whatever the order asked for', async () => {
    const events: JobEvent[] = [];
    const hooks = { onEvent: (event: JobEvent) => events.push(event) };
    const { evaluation, out } = await evaluateJob({ model, data, classes: ['happy', 'sad'], runtime }, hooks);
    expect(evaluation.classes).toEqual(['sad', 'happy']);
    expect(evaluation.confusionMatrix.map((row) => row.reduce((a, b) => a + b))).toEqual([2, 2]);
    expect(evaluation.split).toBe('drawn test');
    expect(out).toBeUndefined();
    const notes = events.flatMap((event) => (event.kind === 'note' ? [event.text] : []));
    expect(notes).toEqual(['Not read, for the model or --classes lacks them: fear']);
  });

  it('finds copies of training pictures, and goes on where the training part is damaged', async () => {
    const root = join(folder, 'leaky');
    cpSync(data, root, { recursive: true });
    const leaked = join(root, 'train', 'sad', 'drawn_00001.png');
    cpSync(join(root, 'test', 'sad', 'drawn_00001.png'), leaked);
    const found = await evaluateJob({ model, data: root, runtime });
    expect(found.evaluation.withoutLeaks).toMatchObject({ copies: 1, n: 3 });
    mkdirSync(join(root, 'train', 'surprise'));
    const beside = await evaluateJob({ model, data: root, runtime });
    expect(beside.evaluation.withoutLeaks).toMatchObject({ copies: 1, n: 3 });
    writeFileSync(leaked, '');
    const notes: string[] = [];
    const onEvent = (event: JobEvent) => {
      if (event.kind === 'note') notes.push(event.text);
    };
    const damaged = await evaluateJob({ model, data: root, runtime }, { onEvent });
    expect(damaged.evaluation.withoutLeaks).toMatchObject({ copies: 0, n: 4 });
    expect(notes).toContain(
      'Copies were looked for without 1 unreadable training images, the first: train/sad/drawn_00001.png',
    );
  });

  it('asks for data, for a run folder and for what the model does not say', async () => {
    await expect(evaluateJob({ model, runtime })).rejects.toThrow(
      `--data: received nothing, and the model "${model}" is no run folder that names its own, expected a data folder or a CSV file.`,
    );
    await expect(evaluateJob({ model, data, split: 'validation', runtime })).rejects.toThrow(
      '--split: received validation with a model that is no run folder, expected the folder of a run with a validation part; name such a run with --model, or use --split test.',
    );
    const bare = await modelFile('bare.keras', {});
    await expect(evaluateJob({ model: bare, data, runtime })).rejects.toThrow(
      'model: received no class names',
    );
    const classes = ['sad', 'happy'];
    await expect(evaluateJob({ model: bare, data, classes, runtime })).rejects.toThrow(
      'model: received no preprocessing record',
    );
    await expect(evaluateJob({ model: bare, data, classes: ['sad'], runtime })).rejects.toThrow(
      /received 1 class names \(sad\), expected 2, one per output\.$/,
    );
  });
});

describe('a model without records', () => {
  it('works like one with them once they are given', async () => {
    const bare = await modelFile('plain.keras', {});
    const file = join(folder, 'preprocessing.json');
    writeFileSync(file, JSON.stringify(preprocessing));
    const given = { classes: ['sad', 'happy'], preprocessing: file };
    const whole = await evaluateJob({ model, data, runtime });
    expect((await evaluateJob({ model: bare, data, ...given, runtime })).evaluation).toEqual(
      whole.evaluation,
    );
    const rows = [];
    for await (const row of predictFiles({ model: bare, ...given, paths: [join(data, 'test')], runtime })) {
      rows.push(row);
    }
    expect(rows).toHaveLength(6);
    const bad = predictFiles({
      model: bare,
      classes: given.classes,
      preprocessing: 'x',
      paths: [data],
      runtime,
    });
    await expect(bad.next()).rejects.toThrow(
      '--preprocessing: received "x", expected a JSON file or one of tf, torch, raw, unit, torchvision, keras, keras-float16.',
    );
  });
});
