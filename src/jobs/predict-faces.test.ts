import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Picture } from '../data/images.js';
import { decodeImage } from '../data/decode.js';
import type { DetectedFace, FaceDetector } from '../faces/face.js';
import { ortNode } from '../runtime/node/ort.js';
import { annotatePredictions } from './annotate.js';
import { cropFolder } from './crop-job.js';
import { predictFiles, type PredictionRow } from './predict-job.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-faces-'));
const photos = join(folder, 'photos');
afterAll(() => rmSync(folder, { recursive: true }));

/** Takes every patch of pure green for a face: good enough to see what becomes of faces. */
const green: FaceDetector = {
  name: 'green',
  tight: true,
  detect: ({ width, height, pixels }: Picture) => {
    const faces: DetectedFace[] = [];
    for (let y = 0; y < height; y += 40) {
      for (let x = 0; x < width; x += 40) {
        const at = 3 * (y * width + x);
        if (pixels[at] === 0 && pixels[at + 1] === 255) {
          faces.push({ box: { x, y, width: 40, height: 40 }, score: 0.9, keyPoints: [] });
        }
      }
    }
    return Promise.resolve(faces);
  },
};

/** A grey photograph of 240 × 160 with green patches of 40 pixels. */
async function photo(patches: readonly (readonly [number, number])[], orientation = 1): Promise<Uint8Array> {
  const patch = { create: { width: 40, height: 40, channels: 3, background: '#00ff00' } } as const;
  const input = await sharp(patch).png().toBuffer();
  const ground = sharp({ create: { width: 240, height: 160, channels: 3, background: '#808080' } });
  const drawn = ground.composite(patches.map(([left, top]) => ({ input, left, top })));
  if (orientation === 1) return drawn.png().toBuffer();
  return sharp(await drawn.png().toBuffer())
    .webp({ lossless: true })
    .withMetadata({ orientation })
    .toBuffer();
}

beforeAll(async () => {
  mkdirSync(join(photos, 'happy'), { recursive: true });
  mkdirSync(join(photos, 'sad'));
  writeFileSync(join(photos, 'happy', 'one.png'), await photo([[80, 40]]));
  writeFileSync(join(photos, 'happy', 'turned.webp'), await photo([[80, 40]], 6));
  writeFileSync(
    join(photos, 'sad', 'two.png'),
    await photo([
      [0, 0],
      [120, 80],
    ]),
  );
  writeFileSync(join(photos, 'sad', 'none.png'), await photo([]));
  const small = { create: { width: 48, height: 48, channels: 3, background: '#00ff00' } } as const;
  writeFileSync(join(photos, 'sad', 'small.png'), await sharp(small).png().toBuffer());
  writeFileSync(join(photos, 'sad', 'broken.jpg'), 'no picture');
});

async function collect(rows: AsyncIterable<PredictionRow>): Promise<PredictionRow[]> {
  const all: PredictionRow[] = [];
  for await (const row of rows) all.push(row);
  return all.sort((a, b) => (a.file < b.file ? -1 : 1));
}

describe('predictFiles', () => {
  const options = { model: 'mien', paths: [photos], detector: green, runtime: ortNode() };

  it('answers for every face, and says where there is none', async () => {
    const rows = await collect(predictFiles(options));
    const told = rows.map((row) => {
      const name = row.file.slice(photos.length + 1).replaceAll('\\', '/');
      if ('faces' in row) return `${name} none`;
      if ('error' in row) return `${name} error`;
      const { face } = row;
      return face === undefined
        ? `${name} whole`
        : `${name} ${face.number}/${face.of} ${face.box.x},${face.box.y}`;
    });
    expect(told.sort()).toEqual([
      'happy/one.png 1/1 80,40',
      // Turned by its EXIF orientation, a quarter clockwise: (80, 40) comes to (160 − 80, 80).
      'happy/turned.webp 1/1 80,80',
      'sad/broken.jpg error',
      'sad/none.png none',
      'sad/small.png whole',
      'sad/two.png 1/2 0,0',
      'sad/two.png 2/2 120,80',
    ]);
  });

  it('takes whole pictures where it is told to', async () => {
    const rows = await collect(predictFiles({ ...options, detect: false }));
    expect(rows).toHaveLength(6);
    expect(rows.every((row) => !('face' in row) && !('faces' in row))).toBe(true);
  });

  it('draws faces into copies, in the same folders', async () => {
    const out = join(folder, 'annotated');
    const rows = await collect(annotatePredictions(predictFiles(options), { out, paths: [photos] }));
    expect(rows).toHaveLength(7);
    const file = join(out, 'sad', 'two.png');
    const drawn = await decodeImage(readFileSync(file), file);
    // Legible: twice the size. The edge of the second box, at (120, 80), is in its colour.
    expect([drawn.width, drawn.height]).toEqual([480, 320]);
    const edge = drawn.pixels.subarray(3 * (200 * 480 + 240), 3 * (200 * 480 + 240) + 3);
    expect(edge[0]).toBeGreaterThan(150);
    expect(edge[2]).toBeLessThan(100);
    expect(existsSync(join(out, 'sad', 'none.png'))).toBe(true);
    expect(existsSync(join(out, 'sad', 'broken.jpg'))).toBe(false);
  });
});

describe('cropFolder', () => {
  const options = { folder: photos, runtime: ortNode(), detector: green };

  it('keeps class folders, and lists what had no face or many', async () => {
    const out = join(folder, 'crops');
    const summary = await cropFolder({ ...options, out });
    expect(summary).toMatchObject({ pictures: 6, faces: 4 });
    expect(summary.none).toEqual(['sad/none.png']);
    expect(summary.many).toEqual(['sad/two.png']);
    expect(summary.unread).toEqual(['sad/broken.jpg']);
    const file = join(out, 'happy', 'one.png.png');
    const face = await decodeImage(readFileSync(file), file);
    expect([face.width, face.height]).toEqual([48, 48]);
    const middle = 3 * (24 * 48 + 24);
    expect(Array.from(face.pixels.subarray(middle, middle + 3))).toEqual([0, 255, 0]);
  });

  it('goes on where it was interrupted, and not with other settings', async () => {
    const out = join(folder, 'again');
    let looks = 0;
    const detector: FaceDetector = {
      ...green,
      detect: (picture) =>
        looks++ === 1 ? Promise.reject(new TypeError('pulled plug')) : green.detect(picture),
    };
    const counted = await cropFolder({ ...options, out, detector });
    expect(counted.unread).toHaveLength(2);
    // Half a line, as after a power cut.
    const log = join(out, 'crops.jsonl');
    writeFileSync(log, `${readFileSync(log, 'utf8').split('\n').slice(0, 3).join('\n')}\n{"file":"sad/`);
    looks = 10;
    expect((await cropFolder({ ...options, out, detector })).pictures).toBe(6);
    expect(looks).toBeLessThan(10 + 5);
    await expect(cropFolder({ ...options, out, size: 96 })).rejects.toThrow(
      /crops\.json: received faces cropped with other settings, .*"size": 48.*, expected .*"size": 96.*; choose another folder\.$/,
    );
  });

  it('takes all faces or none of a picture with several', async () => {
    const all = await cropFolder({ ...options, out: join(folder, 'all'), many: 'all' });
    expect(all.faces).toBe(5);
    expect(existsSync(join(folder, 'all', 'sad', 'two.png.2.png'))).toBe(true);
    expect((await cropFolder({ ...options, out: join(folder, 'skip'), many: 'skip' })).faces).toBe(3);
  });

  it('refuses what it cannot use', async () => {
    const out = join(folder, 'refused');
    await expect(cropFolder({ ...options, out, size: 4 })).rejects.toThrow(
      'size: received 4, expected an integer between 16 and 1024.',
    );
    mkdirSync(join(folder, 'empty'));
    await expect(cropFolder({ ...options, out, folder: join(folder, 'empty') })).rejects.toThrow(
      'empty: received no picture, expected files of type png, jpg, jpeg, bmp or webp in it or in folders below.',
    );
  });
});
