import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { decodeNpy } from '../core/npy.js';
import { writeDrawnFaces } from '../data/draw/write.js';
import { loadImages } from '../data/load.js';
import { ortNode } from '../runtime/node/ort.js';
import { hailoBundleJob, networkName, type HailoBundleOptions } from './hailo-bundle-job.js';
import { openBundle } from './hailo-bundle-read.js';
import { formatHailoBundle } from './hailo-bundle-text.js';
import { sha256Of } from './sha256.js';
import { saveSmallModel } from './testing/small-model.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));
const CLASSES = ['happy', 'angry'];
const data = join(folder, 'faces');
let options: Omit<HailoBundleOptions, 'out'>;
/** Training pictures that are also in the test part, under another name or class, or as another file. */
const planted: string[] = [];

beforeAll(async () => {
  await writeDrawnFaces({ out: data, train: 30, test: 10, classes: [...CLASSES, 'sad'], seed: 3 });
  const [first = '', second = ''] = readdirSync(join(data, 'test', 'happy'));
  const sad = readdirSync(join(data, 'test', 'sad'))[0] ?? '';
  // The same file under another name; the same pixels in another format; a class that the model does not know.
  copyFileSync(join(data, 'test', 'happy', first), join(data, 'train', 'happy', 'copy.png'));
  await sharp(join(data, 'test', 'happy', second))
    .webp({ lossless: true })
    .toFile(join(data, 'train', 'angry', 'other.webp'));
  copyFileSync(join(data, 'test', 'sad', sad), join(data, 'train', 'angry', 'stranger.png'));
  planted.push('train/happy/copy.png', 'train/angry/other.webp', 'train/angry/stranger.png');
  const model = await saveSmallModel(join(folder, 'small net.keras'), CLASSES);
  options = {
    model,
    data,
    images: 16,
    checkImages: 6,
    optimizationLevel: 0,
    calibrationBatch: 4,
    runtime: ortNode(),
  };
}, 120_000);

const text = (out: string, file: string) => readFileSync(join(out, file), 'utf8');

describe('hailoBundleJob', () => {
  it('writes a folder that holds together', async () => {
    const out = join(folder, 'whole');
    const bundle = await hailoBundleJob({ ...options, out, hwArch: 'hailo8l', a16w16: ['logits'] });
    const { manifest } = openBundle(out);
    expect(manifest).toEqual(bundle.manifest);
    expect(manifest).toMatchObject({
      ...{ name: 'small_net', architecture: 'hailo8l', input: [32, 32, 3], classes: CLASSES },
      nodes: { onnx: { start: 'conv', end: 'logits' }, tflite: { start: 'input_layer', end: 'logits' } },
      ...{ a16w16: ['logits'], check: { images: 6, split: 'test' } },
    });
    expect(JSON.parse(text(out, 'labels.json'))).toEqual(CLASSES);
    expect(JSON.parse(text(out, 'preprocessing.json'))).toMatchObject({
      sourceSize: [48, 48],
      colour: 'grey',
    });
    expect(text(out, 'model.alls')).toContain('calibset_size=16)');
    expect(text(out, 'README.md')).toContain(
      'hailo parser onnx model.onnx --net-name small_net --hw-arch hailo8l',
    );
    expect(text(out, 'README.md')).toContain('keep 16 bits: logits.');
    expect(formatHailoBundle(bundle)).toContain(
      '3 training images with the pixels of a validation or test image',
    );
    // Everything in the folder is under the checksums, but the checksums themselves.
    const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(text(out, 'SHA256SUMS').trimEnd().split('\n')).toHaveLength(files.length - 1);
  });

  it('calibrates on different training pictures, none of which is in the test part', async () => {
    const out = join(folder, 'clean');
    await hailoBundleJob({ ...options, out, images: 19 });
    const names = text(out, 'calib_images.txt').trimEnd().split('\n');
    expect(new Set(names).size).toBe(19);
    expect(names.every((name) => name.startsWith('train/'))).toBe(true);
    expect(names.filter((name) => planted.includes(name))).toEqual([]);
    const calibration = decodeNpy(readFileSync(join(out, 'calib.npy')));
    expect(calibration).toMatchObject({ dtype: '|u1', shape: [19, 32, 32, 3] });
    // Grey in all channels, and as bright as pictures are: not normalized.
    const { data: pixels } = calibration;
    expect(pixels.every((value, i) => value === pixels[i - (i % 3)])).toBe(true);
    expect(Math.max(...pixels.subarray(0, 3072))).toBeGreaterThan(128);
  });

  it('writes the logits of the float model for the pictures it writes', async () => {
    const out = join(folder, 'clean');
    const images = decodeNpy(readFileSync(join(out, 'check', 'images.npy')));
    const logits = decodeNpy(readFileSync(join(out, 'check', 'logits.npy')));
    expect([images.shape, logits.shape]).toEqual([
      [6, 32, 32, 3],
      [6, 2],
    ]);
    const session = await ortNode().createSession(readFileSync(join(out, 'model.onnx')));
    const [mean, std] = [0.485 * 255, 0.229 * 255];
    const second = [0.456 * 255, 0.224 * 255] as const;
    const third = [0.406 * 255, 0.225 * 255] as const;
    const planes = [[mean, std] as const, second, third].flatMap(([m, s], c) =>
      Array.from({ length: 1024 }, (_, i) => ((images.data[5 * 3072 + i * 3 + c] ?? 0) - m) / s),
    );
    const input = { dtype: 'float32', shape: [1, 3, 32, 32], data: Float32Array.from(planes) } as const;
    const { logits: expected } = await session.run({ input_layer: input });
    await session.close();
    [...logits.data.subarray(10)].forEach((value, i) =>
      expect(value).toBeCloseTo(Number(expected?.data[i]), 4),
    );
    const record = JSON.parse(text(out, 'check/check.json')) as { names: string[]; labels: number[] };
    expect(record.names.map((name) => CLASSES.indexOf(name.split('/')[1] ?? ''))).toEqual(record.labels);
  });

  it('is the same for the same seed, byte for byte', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => join(folder, name));
    await hailoBundleJob({ ...options, out: a ?? '' });
    await hailoBundleJob({ ...options, out: b ?? '' });
    await hailoBundleJob({ ...options, out: c ?? '', seed: 7 });
    expect(text(a ?? '', 'SHA256SUMS')).toBe(text(b ?? '', 'SHA256SUMS'));
    expect(text(a ?? '', 'calib_images.txt')).not.toBe(text(c ?? '', 'calib_images.txt'));
  });

  it('takes training pictures that do not calibrate for the check where there is no test part', async () => {
    const root = join(folder, 'no-test');
    cpSync(join(data, 'train'), join(root, 'train'), { recursive: true });
    const out = join(folder, 'trained-only');
    const { manifest } = await hailoBundleJob({ ...options, out, data: root });
    expect(manifest.check.split).toBe('train, not used for calibration');
    const { names } = JSON.parse(text(out, 'check/check.json')) as { names: string[] };
    const calibrating = text(out, 'calib_images.txt').split('\n');
    expect(names.filter((name) => calibrating.includes(name))).toEqual([]);
  });

  it.each<[Partial<HailoBundleOptions>, string]>([
    [{ images: 500 }, 'expected at least 500 for calibration; give more data, or fewer --images with'],
    [
      { hwArch: 'hailo7' },
      '--hw-arch: received "hailo7", expected one of hailo8, hailo8l, hailo10h, hailo15h.',
    ],
    [
      { optimizationLevel: 1 },
      '--images: received 16 images with optimization level 1, expected at least 1024',
    ],
    [{ checkImages: 0 }, '--check-images: received 0'],
    [{ calibrationBatch: 17 }, '--calibration-batch: received 17, expected an integer between 1 and 16.'],
    [{ a16w16: ['conv9'] }, '--a16w16: received "conv9", expected nodes of'],
    [{ model: 'mien', data: join(folder, 'nowhere') }, 'received no such folder'],
    [
      { out: folder },
      `--out: received the folder ${folder}, which is not empty, expected a new or empty folder`,
    ],
  ])('refuses %o', async (change, message) => {
    const out = mkdtempSync(join(folder, 'refused-'));
    await expect(hailoBundleJob({ ...options, out, ...change })).rejects.toThrow(message);
  });

  it.each<[string, Partial<HailoBundleOptions>]>([
    ['an empty folder of data', { data: mkdtempSync(join(folder, 'empty-')) }],
    ['data of too few images', { images: 500 }],
  ])('leaves no folder behind when it refuses %s', async (_, change) => {
    const out = join(folder, 'never', 'made');
    await expect(hailoBundleJob({ ...options, out, ...change })).rejects.toThrow(/: received .+, expected /);
    expect(existsSync(join(folder, 'never'))).toBe(false);
  });

  it.each([
    ['a new folder', join('late', 'deep'), false],
    ['an empty folder', 'late-empty', true],
  ])('leaves %s as it was when a late step fails', async (_, name, there) => {
    const out = join(folder, name);
    if (there) mkdirSync(out);
    // The check images are written by then.
    const createSession = () => Promise.reject(new Error('the engine is gone'));
    const runtime = { name: 'broken', createSession };
    await expect(hailoBundleJob({ ...options, out, runtime })).rejects.toThrow('the engine is gone');
    expect(existsSync(out)).toBe(there);
    expect(existsSync(dirname(out))).toBe(there);
    if (there) expect(readdirSync(out)).toEqual([]);
  });

  it('names the argument when the model is missing', async () => {
    const out = join(folder, 'x');
    await expect(hailoBundleJob({ ...options, out, model: 'nowhere' })).rejects.toThrow(
      '<model>: received "nowhere", expected a .keras or .h5 file',
    );
  });

  it('says that data is missing', async () => {
    const { data: _data, ...others } = options;
    await expect(hailoBundleJob({ ...others, out: join(folder, 'x') })).rejects.toThrow(
      'is no run folder that names its own, expected the data the model was trained on, for calibration.',
    );
  });
});

describe('openBundle', () => {
  const copy = (name: string) => {
    const out = join(folder, name);
    cpSync(join(folder, 'clean'), out, { recursive: true });
    return out;
  };

  it('lets scripts be edited and nothing else', () => {
    const out = copy('edited');
    writeFileSync(join(out, 'model.alls'), 'allocator_param(x=1)\n');
    expect(openBundle(out).edited).toEqual(['model.alls']);
    writeFileSync(join(out, 'labels.json'), '[]');
    expect(() => openBundle(out)).toThrow(
      'labels.json: received a file that is missing or was changed after',
    );
  });

  it('refuses other folders, missing files, checksums that leave files out, and other manifests', () => {
    expect(() => openBundle(join(folder, 'nowhere'))).toThrow(
      'received no such folder, expected a bundle; make one',
    );
    expect(() => openBundle(data)).toThrow('received a folder without SHA256SUMS, expected a bundle');
    const missing = copy('missing');
    rmSync(join(missing, 'calib.npy'));
    expect(() => openBundle(missing)).toThrow('calib.npy: received a file that is missing');
    const short = copy('short');
    const lines = text(short, 'SHA256SUMS').split('\n');
    writeFileSync(join(short, 'SHA256SUMS'), lines.filter((line) => !line.endsWith('calib.npy')).join('\n'));
    expect(() => openBundle(short)).toThrow('calib.npy: received a file that is missing or was changed');
    const newer = copy('newer');
    writeFileSync(
      join(newer, 'bundle.json'),
      text(newer, 'bundle.json').replace('"version": 1', '"version": 2'),
    );
    const sums = text(newer, 'SHA256SUMS').replace(
      /^\w+ {2}bundle.json$/m,
      `${sha256Of(join(newer, 'bundle.json'))}  bundle.json`,
    );
    writeFileSync(join(newer, 'SHA256SUMS'), sums);
    expect(() => openBundle(newer)).toThrow('bundle.json: version: received 2');
  });
});

describe('networkName', () => {
  it.each([
    ['mien', 'mien'],
    ['runs/first try.keras', 'first_try'],
    ['runs/2026-11/', 'net_2026_11'],
    ['ö', 'model'],
  ])('%s', (model, name) => {
    expect(networkName(model)).toBe(name);
  });
});

it('the test data has what the tests say', async () => {
  const { images } = await loadImages({
    data,
    split: 'train',
    classes: CLASSES,
    sourceSize: [48, 48],
    colour: 'grey',
  });
  expect(images.names.filter((name) => planted.includes(name))).toHaveLength(3);
});
