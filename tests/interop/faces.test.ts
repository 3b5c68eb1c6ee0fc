/**
 * The face detector against MediaPipe's own, on photographs from Python packages and on composites of real faces.
 * MIEN_FER2013 names the folder of FER2013.
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createRandom } from '../../src/core/random.js';
import { decodeImage, toColour } from '../../src/data/decode.js';
import type { Picture } from '../../src/data/images.js';
import { FULL_RANGE, SHORT_RANGE, type BlazeFaceRecord } from '../../src/faces/blazeface.js';
import { overlapOf, type Box, type DetectedFace } from '../../src/faces/face.js';
import { drawBackground } from '../../src/faces/testing/backgrounds.js';
import { composeFaces } from '../../src/faces/testing/composite.js';
import { realFaces } from '../../src/faces/testing/scenes.js';
import { openBlazeFace, openFaceDetector } from '../../src/jobs/face-detector.js';
import { ortNode } from '../../src/runtime/node/ort.js';
import { inFolder, runPython } from './oracle.js';

const SCRIPT = fileURLToPath(new URL('mediapipe_faces.py', import.meta.url));
const PHOTOS = ['astronaut', 'cameraman', 'hopper'] as const;
/** Composites of one to four faces. */
const COMPOSITES = 40;

interface Peer {
  readonly score: number;
  readonly box: readonly [number, number, number, number];
}

const rows: Record<string, string | number>[] = [];
afterAll(() => {
  console.log("Faces against MediaPipe's detector");
  console.table(rows);
});

let pictures: Picture[];
beforeAll(async () => {
  const fer2013 = process.env['MIEN_FER2013'];
  if (fer2013 === undefined) throw new Error('Set MIEN_FER2013 to the folder of FER2013.');
  const photos = await inFolder(async (folder) => {
    runPython(SCRIPT, ['photos', folder]);
    const read = async (name: string) =>
      toColour(await decodeImage(readFileSync(join(folder, `${name}.png`)), name), 'rgb');
    return Promise.all(PHOTOS.map(read));
  });
  pictures = [...photos, ...composites(await realFaces(fer2013, 200, 1))];
});

function composites(faces: readonly Picture[]): Picture[] {
  return Array.from({ length: COMPOSITES }, (_, i) => {
    const random = createRandom(8).fork('composite', i);
    const background = drawBackground(640, 480, random);
    const chosen = Array.from({ length: 1 + (i % 4) }, (_, k) => faces[(4 * i + k) % faces.length]!);
    return composeFaces(background, chosen, { least: 120, most: 260 }, random).picture;
  });
}

function mediaPipe({ file }: BlazeFaceRecord): Promise<Peer[][]> {
  return inFolder((folder) => {
    const model = createRequire(import.meta.url).resolve(`@mediapipe/face_detection/${file}`);
    copyFileSync(model, join(folder, 'model.tflite'));
    const listed = pictures.map(({ pixels, height, width }, i) => {
      writeFileSync(join(folder, `${i}.bin`), pixels);
      return { file: `${i}.bin`, height, width };
    });
    writeFileSync(join(folder, 'case.json'), JSON.stringify({ model: 'model.tflite', pictures: listed }));
    runPython(SCRIPT, ['detect', folder]);
    return JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as Peer[][];
  });
}

function boxOf({ box: [x, y, width, height] }: Peer): Box {
  return { x, y, width, height };
}

function bestOverlap(face: Box, others: readonly DetectedFace[]): number {
  return Math.max(0, ...others.map(({ box }) => overlapOf(face, box)));
}

describe.each([SHORT_RANGE, FULL_RANGE])('BlazeFace $name', (record) => {
  it('finds what MediaPipe finds: at least 95 % of faces with an overlap of at least 0.9', async () => {
    const peers = await mediaPipe(record);
    const net = await openBlazeFace(ortNode(), record);
    const ours: DetectedFace[][] = [];
    for (const picture of pictures) ours.push((await net.lookAtWhole(picture, 0.5))[0] ?? []);
    await net.close();
    const overlaps = peers.flatMap((found, i) => found.map((peer) => bestOverlap(boxOf(peer), ours[i]!)));
    const [theirs, own] = [overlaps.length, ours.flat().length];
    const agreeing = overlaps.filter((overlap) => overlap >= 0.9).length;
    const mean = overlaps.reduce((sum, overlap) => sum + overlap, 0) / theirs;
    rows.push({ what: record.name, mediaPipe: theirs, mien: own, agreeing, 'mean overlap': mean.toFixed(3) });
    expect(theirs).toBeGreaterThan(COMPOSITES);
    // Faces that only one of the two reports count against the agreement.
    expect(agreeing / Math.max(theirs, own)).toBeGreaterThanOrEqual(0.95);
    for (const photo of ['astronaut', 'hopper'] as const)
      expect(ours[PHOTOS.indexOf(photo)], photo).toHaveLength(1);
  });
});

describe('the search', () => {
  it('finds the faces that MediaPipe finds, at the same places', async () => {
    const peers = await mediaPipe(SHORT_RANGE);
    const detector = await openFaceDetector(ortNode());
    const overlaps: number[] = [];
    let found = 0;
    for (const [i, picture] of pictures.entries()) {
      const faces = await detector.detect(picture);
      found += faces.length;
      overlaps.push(...peers[i]!.map((peer) => bestOverlap(boxOf(peer), faces)));
    }
    await detector.close?.();
    const share = (least: number) => overlaps.filter((overlap) => overlap >= least).length / overlaps.length;
    const mean = overlaps.reduce((sum, overlap) => sum + overlap, 0) / overlaps.length;
    const agreeing = Math.round(share(0.9) * overlaps.length);
    rows.push({
      what: 'search',
      mediaPipe: overlaps.length,
      mien: found,
      agreeing,
      'mean overlap': mean.toFixed(3),
    });
    // What MediaPipe takes for a face and three close looks do not counts against the search, too.
    expect(share(0.9)).toBeGreaterThanOrEqual(0.95);
  });
});
