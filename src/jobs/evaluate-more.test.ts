import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { drawFaces } from '../data/draw/draw.js';
import { createEvaluation } from '../evaluate/evaluation.js';
import { withHead } from '../models/head.js';
import { mobileNetV3Small } from '../models/mobilenet-v3-small.js';
import { initialWeights } from '../models/model.js';
import { findRecord, preprocessingOf } from '../models/weights/records.js';
import { scoreImages } from '../predict/scores.js';
import { ortNode } from '../runtime/node/ort.js';
import { checkMore, evaluateMore } from './evaluate-more.js';
import { inferenceOf } from './model-source.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-more-'));
afterAll(() => rmSync(folder, { recursive: true }));
const runtime = ortNode();
const record = findRecord('mobileNetV3Small', 'torchvision');
const preprocessing = preprocessingOf(record.input, {
  inputSize: [32, 32],
  sourceSize: [48, 48],
  colour: 'grey',
});
const graph = withHead(mobileNetV3Small({ inputShape: [32, 32, 3], weights: record }), {
  kind: 'light',
  classes: 2,
});
const classes = ['happy', 'sad'];
const model = { graph, weights: initialWeights(graph), preprocessing, classes, origin: {} };
const images = drawFaces({ classes, perClass: 3 });

describe('evaluateMore', () => {
  it('measures chosen pictures under every change, the same each time, and writes what it found', async () => {
    const indices = [5, 0, 3];
    const scores = await scoreImages(runtime, { ...inferenceOf(model), batchSize: 4 }, images, indices);
    const predictions = { ...scores, files: indices.map((image) => images.names[image]!) };
    const measured = { images, indices, split: 'drawn', average: 'none' as const, predictions, out: folder };
    const wanted = checkMore({ robustness: true, worst: 2, seed: 3 }, true);
    const first = await evaluateMore({ runtime, model, hooks: {} }, measured, wanted);
    const again = await evaluateMore({ runtime, model, hooks: {} }, { ...measured, out: undefined }, wanted);
    expect(again).toEqual(first);
    const { accuracy } = createEvaluation({ split: 'drawn', flip: false, scores });
    expect(first.robustness!.clean.accuracy).toBe(accuracy);
    expect(first.robustness!.curves.map(({ name, points }) => `${name} ${points.length}`)).toEqual([
      'brightness 7',
      'blur 6',
      'jpeg 7',
      'rotation 7',
      'scale 7',
      'occlusion 6',
    ]);
    for (const name of ['robustness.json', 'robustness.csv', 'robustness.png', 'worst.json', 'worst.png'])
      expect(existsSync(join(folder, name))).toBe(true);
    expect(JSON.parse(readFileSync(join(folder, 'worst.json'), 'utf8'))).toEqual(first.worst);
  });

  it('refuses what cannot be, before anything is measured', () => {
    expect(() => checkMore({ votes: 'votes.csv' }, true)).toThrow(
      '--votes: received votes without --worst, expected both, e.g. --worst 50 --votes votes.csv.',
    );
    expect(() => checkMore({ worst: 5 }, false)).toThrow(
      '--worst: received no folder for the sheet of pictures, expected --out FOLDER, or a run folder as the model.',
    );
    expect(() => checkMore({ worst: 0 }, true)).toThrow('--worst: received 0');
  });
});
