import { describe, expect, it } from 'vitest';

import { drawFaces } from '../data/draw/index.js';
import { createBatchMaker } from '../data/batches.js';
import { loadShipped } from './shipped.js';
import { createClassifier } from '../predict/classifier.js';
import { ortNode } from '../runtime/node/ort.js';
import { countingRuntime } from './testing/counting-runtime.js';
import { openTeaching } from './same-view.js';

describe('openTeaching', () => {
  it('names the option of a teacher that is not there', async () => {
    const images = drawFaces({ classes: ['happy', 'surprise'], perClass: 1 });
    const labels = { teachers: ['nowhere'], sameView: true };
    await expect(openTeaching(labels, images, ortNode(), 4)).rejects.toThrow(
      '--teacher: received "nowhere", expected a .keras or .h5 file, a run folder, or a shipped model',
    );
  });

  it('closes the first teacher when the second cannot be opened', async () => {
    const images = drawFaces({ classes: ['happy', 'surprise'], perClass: 1 });
    const { runtime, open } = countingRuntime();
    const labels = { teachers: ['mien', 'nowhere'], sameView: true };
    await expect(openTeaching(labels, images, runtime, 4)).rejects.toThrow('received "nowhere"');
    expect(open).toEqual([false]);
  });

  it('labels by what the teacher says of the batch as it is, mixed and augmented', async () => {
    const classes = ['happy', 'surprise', 'sad', 'angry', 'neutral'];
    const images = drawFaces({ classes: ['happy', 'surprise'], perClass: 4, seed: 1 });
    const indices = Int32Array.from(images.labels.keys());
    const plan = { batchSize: 4, seed: 1, indices, augmentation: { rotation: { degrees: 20 } }, mixup: {} };
    const batch = createBatchMaker(images, plan).make(0, 0);
    const labels = { teachers: ['mien'], teacherWeight: 0.75, temperature: 2, sameView: true };
    const teaching = await openTeaching(labels, images, ortNode(), 4);
    const before = batch.y.slice();
    const labelled = await teaching.label(batch);
    const again = await teaching.label(batch);
    await teaching.close();
    expect(batch.y).toEqual(before);
    expect(again.y).toEqual(labelled.y);
    const model = await loadShipped('mien');
    const { graph, weights, preprocessing } = model;
    if (preprocessing === undefined) throw new Error('no record');
    const classifier = await createClassifier(ortNode(), {
      ...{ graph, weights, preprocessing, batchSize: 4, pictureShape: [1, 48, 48] },
    });
    const logits = await classifier.logits(batch.x);
    await classifier.close();
    const columns = ['happy', 'surprise'].map((name) => (model.classes ?? classes).indexOf(name));
    for (let row = 0; row < 4; row++) {
      const powers = columns.map((column) => Math.exp((logits[row * 5 + column] ?? NaN) / 2));
      const total = powers.reduce((a, b) => a + b, 0);
      powers.forEach((power, k) => {
        const expected = 0.25 * (before[row * 2 + k] ?? NaN) + (0.75 * power) / total;
        expect(labelled.y[row * 2 + k]).toBeCloseTo(expected, 4);
      });
    }
  });
});
