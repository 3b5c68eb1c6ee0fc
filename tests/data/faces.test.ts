/** How many faces are found on composites of real faces; MIEN_FER2013 names the folder that holds train/. */
import { afterAll, beforeAll, expect, it } from 'vitest';

import { createRandom } from '../../src/core/random.js';
import type { Picture } from '../../src/data/images.js';
import type { FaceDetector } from '../../src/faces/face.js';
import { matchedFaces } from '../../src/faces/testing/matching.js';
import { drawScene, realFaces } from '../../src/faces/testing/scenes.js';
import { openFaceDetector } from '../../src/jobs/face-detector.js';
import { ortNode } from '../../src/runtime/node/ort.js';

let detector: FaceDetector;
let faces: Picture[];
let [pictures, falseBoxes] = [0, 0];

beforeAll(async () => {
  const data = process.env['MIEN_FER2013'];
  if (data === undefined) throw new Error('Set MIEN_FER2013 to the folder that holds train/ of FER2013.');
  faces = await realFaces(data, 2000, 1);
  detector = await openFaceDetector(ortNode());
});
afterAll(() => detector.close?.());

/** The share of faces that are found in composites with these numbers of faces. */
async function recall(name: string, counts: readonly number[]): Promise<number> {
  let [found, all] = [0, 0];
  for (const [i, count] of counts.entries()) {
    const { picture, places } = drawScene(faces, count, createRandom(2).fork(name, i));
    const detected = await detector.detect(picture);
    const right = matchedFaces(detected, places);
    found += right;
    all += count;
    pictures++;
    falseBoxes += detected.length - right;
  }
  return found / all;
}

const repeat = (counts: readonly number[], times: number) =>
  Array.from({ length: times }, () => counts).flat();

it('finds at least 95 % of up to five faces', async () => {
  expect(await recall('few', repeat([1, 2, 3, 4, 5], 8))).toBeGreaterThanOrEqual(0.95);
});

it('finds at least 85 % of up to twenty faces', async () => {
  expect(await recall('many', repeat([8, 12, 16, 20], 2))).toBeGreaterThanOrEqual(0.85);
});

it('draws at most one box without a face in fifty pictures', async () => {
  await recall('none', repeat([0], 12));
  expect(falseBoxes / pictures).toBeLessThanOrEqual(1 / 50);
});
