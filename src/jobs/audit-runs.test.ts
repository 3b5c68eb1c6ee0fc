import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { drawFaces } from '../data/draw/draw.js';
import { subset } from '../data/images.js';
import { formatPredictions } from '../evaluate/predictions.js';
import { auditLabels } from './audit-runs.js';
import { answerFiles } from './compare-runs.js';
import { beginRun } from './testing/fake-run.js';
import { resolveTraining, type TrainOptions } from './train-options.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-audit-runs-'));
afterAll(() => rmSync(folder, { recursive: true }));

const faces = drawFaces({ classes: ['happy', 'sad', 'surprise'], perClass: 40 });
/** Picture 3 is called sad though it is a happy one. */
const train = { ...subset(faces, [...faces.names.keys()]) };
train.labels[3] = 1;

/** A run that held out some pictures and knows what they are. */
function run(name: string, images: readonly number[], change: Partial<TrainOptions> = {}): string {
  const root = join(folder, name);
  const { settings } = resolveTraining({
    data: 'faces',
    classes: train.classes,
    weights: 'none',
    out: root,
    ...change,
  });
  const path = answerFiles(beginRun(root, settings)).validation;
  mkdirSync(dirname(path), { recursive: true });
  const rows = images.flatMap((image) => [0, 1, 2].map((k) => (k === Math.floor(image / 40) ? 0.9 : 0.05)));
  const labels = Int32Array.from(images, (image) => train.labels[image]!);
  const probabilities = Float32Array.from(rows);
  const files = images.map((image) => train.names[image]!);
  writeFileSync(path, formatPredictions({ files, labels, probabilities, classes: settings.classes }));
  return root;
}

const even = [...train.names.keys()].filter((image) => image % 2 === 0);
const odd = [...train.names.keys()].filter((image) => image % 2 === 1);

describe('auditLabels', () => {
  const [first, second] = [run('a', even), run('b', odd)];

  it('joins the runs and finds the planted error', () => {
    const votes = { answers: ['happy', 'sad'], byName: new Map([[train.names[3]!, [8, 2]]]) };
    const found = auditLabels([first, second], train, votes);
    expect(found).toMatchObject({ covered: 120, of: 120, notes: [] });
    expect(found.errors).toEqual([
      {
        name: train.names[3],
        class: 'sad',
        suggested: 'happy',
        margin: expect.closeTo(0.85, 5) as number,
        voted: 'happy',
      },
    ]);
    expect(found.votes).toEqual({ known: 1, suggestion: 1, label: 0 });
    expect(found.noise).toBeCloseTo(1 / 120, 5);
  });

  it('says how much was held out', () => {
    expect(auditLabels([first], train)).toMatchObject({ covered: 60, of: 120, errors: [] });
  });

  it('warns of models that have seen the pictures', () => {
    const seen = run('c', even, { weights: 'mien' });
    expect(auditLabels([seen], train).notes).toEqual([
      `Started from a trained model that may have seen the pictures it held out: ${seen}.`,
    ]);
  });

  it('refuses runs of merged classes, which say nothing about the labels', () => {
    const map = { positive: ['happy'], negative: ['sad', 'angry'], surprise: ['surprise'] };
    const merged = run('merged', even, { map, classes: Object.keys(map) });
    expect(() => auditLabels([merged], train)).toThrow(
      `${merged}: received a run of merged classes, positive, negative, surprise, expected one of the classes that the data has; train it without --map.`,
    );
  });

  it('refuses runs that answered no picture of their classes', () => {
    expect(() => auditLabels([first], { ...train, classes: ['joy', 'grief', 'shock'] })).toThrow(
      `${first}: received answers to no picture of its classes, happy, sad, surprise, expected a run of classes among joy, grief, shock.`,
    );
  });

  it('refuses runs of other classes, of other pictures, and without answers', () => {
    const other = run('d', even, { classes: ['sad', 'happy', 'surprise'] });
    expect(() => auditLabels([first, other], train)).toThrow(
      `${other}: received classes sad, happy, surprise, expected those of the first run, happy, sad, surprise.`,
    );
    const names = train.names.map((name) => `elsewhere/${name}`);
    expect(() => auditLabels([first], { ...train, names })).toThrow(
      `${first}: received answers to other pictures, the first train/happy/drawn_00001.png, expected a run that was`,
    );
    rmSync(answerFiles({ evaluation: join(first, 'evaluation') } as never).validation);
    expect(() => auditLabels([first], train)).toThrow(
      `${first}: received a run without answers to its validation part, expected evaluation/validation/predictions.csv`,
    );
    expect(() => auditLabels([join(folder, 'none')], train)).toThrow('expected the folder of a training run');
  });
});
