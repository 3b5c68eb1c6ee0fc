/** `mien live` as a person runs it: on drawn faces, and on a stub of HailoRT. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { drawFaces } from '../../src/data/draw/draw.js';
import { imageAt } from '../../src/data/images.js';
import type { LiveFrame, LiveSummary } from '../../src/jobs/live-job.js';
import { makeVideo, withoutFfmpeg } from '../../src/live/testing/ffmpeg.js';
import { stubFolder, stubHef, withoutCompiler } from '../../src/runtime/hailo/testing/stub.js';
import { mien, start, until, workshop } from './cli.js';

// Each test starts the program, some twice.
vi.setConfig({ testTimeout: 180_000 });

const { path: folder, remove } = workshop();
afterAll(remove);
const pictures = join(folder, 'pictures');
const FACES = 8;

beforeAll(async () => {
  mkdirSync(pictures);
  const faces = drawFaces({ classes: ['happy', 'angry'], perClass: FACES / 2, seed: 5 });
  for (let i = 0; i < FACES; i++) {
    const { width, height, pixels } = imageAt(faces, i);
    await sharp(pixels, { raw: { width, height, channels: 1 } })
      .resize(120, 120)
      .extend({ left: 20, right: 20 })
      .toFile(join(pictures, `face${i + 1}.png`));
  }
});

type Line = ({ type: 'frame' } & LiveFrame) | ({ type: 'summary' } & LiveSummary);

function linesOf(stdout: string): { frames: LiveFrame[]; summary: LiveSummary | undefined } {
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  return {
    frames: lines.filter((line) => line.type === 'frame'),
    summary: lines.find((line) => line.type === 'summary'),
  };
}

describe('mien live', () => {
  it('answers a folder as JSON lines and draws into pictures, without ffmpeg', async () => {
    const out = join(folder, 'drawn');
    const { code, stdout, stderr } = await mien(
      ...[
        'live',
        '--source',
        pictures,
        '--detector',
        'whole',
        '--json',
        '--fps',
        '10',
        '--annotate',
        out,
        '--ffmpeg',
        '/nowhere/ffmpeg',
      ],
    );
    expect([code, stderr]).toEqual([0, '']);
    const { frames, summary } = linesOf(stdout);
    expect(frames.map(({ frame, time }) => [frame, time])).toEqual(
      Array.from({ length: FACES }, (_, i) => [i, i / 10]),
    );
    const [face] = frames[0]?.faces ?? [];
    expect(face).toMatchObject({ track: 1, box: [20, 0, 120, 120], score: 1 });
    expect(Object.values(face?.probabilities ?? {}).reduce((a, b) => a + b)).toBeCloseTo(1, 4);
    expect(summary).toMatchObject({
      frames: FACES,
      faces: FACES,
      dropped: 0,
      unreadable: 0,
      ended: 'source',
    });
    expect(readdirSync(out)).toHaveLength(FACES);
  });

  it('without smoothing says what mien predict says', async () => {
    const options = ['--source', pictures, '--json', '--smoothing', '0', '--detector', 'box:20,0,120,120'];
    const { frames } = linesOf((await mien('live', ...options)).stdout);
    const cut = join(folder, 'cut');
    mkdirSync(cut);
    for (const name of readdirSync(pictures)) {
      await sharp(join(pictures, name))
        .extract({ left: 20, top: 0, width: 120, height: 120 })
        .toFile(join(cut, name));
    }
    const { stdout } = await mien('predict', cut, '--no-detect', '--json');
    const { predictions } = JSON.parse(stdout) as {
      predictions: { file: string; class: string; probabilities: Record<string, number> }[];
    };
    expect(predictions).toHaveLength(FACES);
    for (const { file, probabilities } of predictions) {
      const frame = frames.find((each) => each.file?.endsWith(file.slice(cut.length)));
      for (const [name, value] of Object.entries(probabilities)) {
        expect(frame?.faces[0]?.unsmoothed[name]).toBeCloseTo(value, 3);
      }
    }
  });

  it('prints text: a line when an answer changes, then the rate and where the time went', async () => {
    const { code, stdout } = await mien(
      'live',
      '--source',
      pictures,
      '--detector',
      'whole',
      '--max-frames',
      '3',
      '--backend',
      'tflite',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/face1\.png: face 1 \w+ \d+ %\n/);
    expect(stdout).toMatch(
      /\n3 frames, 3 faces in [\d.]+ s: [\d.]+ frames\/s, 0 dropped\nengine LiteRT [\d.]+ \(wasm\), /,
    );
    for (const stage of ['queue', 'detect', 'crop', 'expression', 'smooth', 'output', 'total']) {
      expect(stdout).toMatch(new RegExp(`\\n${stage} +[\\d.]+ +[\\d.]+ +[\\d.]+\\n`));
    }
  });

  it('Ctrl-C ends in order, with the summary, exit code 130', async () => {
    const running = start(['live', '--source', pictures, '--json', '--realtime', '--fps', '0.2']);
    let stdout = '';
    running.child.stdout?.on('data', (text: string) => (stdout += text));
    await until(running, () => stdout.includes('"type":"frame"'));
    running.child.kill('SIGINT');
    const result = await running.result;
    expect(result.code).toBe(130);
    expect(result.stderr).toBe('mien: ending; press Ctrl-C again to quit at once\n');
    expect(linesOf(result.stdout).summary).toMatchObject({ ended: 'interrupted' });
  });

  it('looks for faces unless told otherwise, and takes small pictures as faces', async () => {
    const mixed = join(folder, 'sizes');
    mkdirSync(mixed);
    await sharp(join(pictures, 'face1.png')).resize(80, 60).toFile(join(mixed, 'a.png'));
    const background = { width: 320, height: 240, channels: 3, background: '#778899' } as const;
    await sharp({ create: background }).toFile(join(mixed, 'b.png'));
    const { frames, summary } = linesOf((await mien('live', '--source', mixed, '--json')).stdout);
    expect(frames.map(({ faces }) => faces.map(({ box }) => box))).toEqual([[[10, 0, 60, 60]], []]);
    expect(summary).toMatchObject({ detector: 'BlazeFace', frames: 2, faces: 1 });
  });

  it('reports unreadable pictures and ends with exit code 1', async () => {
    const mixed = join(folder, 'mixed');
    mkdirSync(mixed);
    await sharp(join(pictures, 'face1.png')).toFile(join(mixed, 'a.png'));
    writeFileSync(join(mixed, 'b.png'), 'no picture');
    const { code, stdout, stderr } = await mien('live', '--source', mixed);
    expect(code).toBe(1);
    expect(stdout).toContain('0 dropped, 1 unreadable');
    expect(stderr).toContain('b.png: received');
    expect(stderr).toContain('live: received 1 pictures that could not be read (named above)');
  });

  it.each([
    [['--source', 'nothing.mp4'], 1, '--source: received "nothing.mp4"'],
    [['--source', '.', '--detector', 'nose'], 2, 'None of "faces", "whole" and "box:x,y,width,height"'],
    [['--source', '.', '--backend', 'abacus'], 2, 'Allowed choices are ort, tflite, hailo'],
    [[], 2, "required option '--source <source>' not specified"],
    [
      ['--source', '.', '--backend', 'hailo', '--hailort', '/nowhere/libhailort.so'],
      1,
      'HailoRT: received no library',
    ],
    [['--source', '.', '--smoothing', '-1'], 1, 'smoothing: received -1'],
  ])('%j: exit code %i', async (args, code, text) => {
    const result = await mien('live', ...args);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(text);
  });
});

describe.skipIf(withoutFfmpeg)('mien live with ffmpeg', () => {
  const video = join(folder, 'faces.mp4');

  it('reads a video and writes an annotated one of the same length', async () => {
    makeVideo(video, '-framerate', '10', '-i', join(pictures, 'face%d.png'), '-pix_fmt', 'yuv420p');
    const out = join(folder, 'seen.mp4');
    const { code, stdout, stderr } = await mien('live', '--source', video, '--json', '--annotate', out);
    expect([code, stderr]).toEqual([0, '']);
    expect(linesOf(stdout).frames).toHaveLength(FACES);
    const again = await mien('live', '--source', out, '--json');
    const { frames } = linesOf(again.stdout);
    expect(frames).toHaveLength(FACES);
    expect(frames.at(-1)?.time).toBeCloseTo((FACES - 1) / 10, 5);
  });

  it('completes the video when it is interrupted', async () => {
    const slow = join(folder, 'slow.mp4');
    makeVideo(slow, '-framerate', '0.5', '-i', join(pictures, 'face%d.png'), '-pix_fmt', 'yuv420p');
    const out = join(folder, 'cut.mp4');
    const running = start([
      'live',
      '--source',
      slow,
      '--json',
      '--realtime',
      '--annotate',
      out,
      '--fps',
      '0.5',
    ]);
    let stdout = '';
    running.child.stdout?.on('data', (text: string) => (stdout += text));
    await until(running, () => stdout.includes('"type":"frame"'));
    running.child.kill('SIGINT');
    expect((await running.result).code).toBe(130);
    expect(existsSync(out)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('says that a file is no video', async () => {
    const text = join(folder, 'text.mp4');
    writeFileSync(text, 'no video');
    const { code, stderr } = await mien('live', '--source', text);
    expect(code).toBe(1);
    expect(stderr).toMatch(/text\.mp4: received a file that ffmpeg refuses \(.*\), expected a video\.\n$/);
  });
});

describe.skipIf(withoutCompiler)('mien live on HailoRT, by a stub', () => {
  const stubs = stubFolder();
  afterAll(() => stubs.remove());
  const record = {
    ...{
      version: 1,
      sourceSize: [4, 2],
      inputSize: [4, 2],
      channels: 3,
      colour: 'rgb',
      interpolation: 'bilinear',
    },
    ...{ antialias: true, scale: 1, mean: [0, 0, 0], std: [1, 1, 1], cropMargin: 0 },
  };

  it('takes classes and preprocessing from beside the HEF, and survives the loss of the device', async () => {
    const hef = join(folder, 'lost.hef');
    writeFileSync(hef, stubHef('lost'));
    const args = ['live', '--source', pictures, '--json', '--backend', 'hailo', '--model', hef];
    args.push('--detector', 'whole');
    const options = ['--hailort', stubs.build()];
    expect((await mien(...args, ...options)).stderr).toContain(
      `${hef}: received no preprocessing.json beside it`,
    );
    writeFileSync(join(folder, 'preprocessing.json'), JSON.stringify(record));
    writeFileSync(join(folder, 'labels.json'), JSON.stringify(['a', 'b', 'c']));
    const { code, stdout, stderr } = await mien(...args, ...options);
    const { frames, summary } = linesOf(stdout);
    expect(frames).toHaveLength(2);
    expect(summary).toMatchObject({ engine: 'HailoRT 4.23.0', frames: 2, ended: 'failed' });
    expect(code).toBe(1);
    expect(stderr).toBe(
      'mien: HailoRT, writing "net/input": received a device that went away (HAILO_COMMUNICATION_CLOSED, 62), ' +
        'expected a device that stays connected; check power, cable and cooling, then start again.\n',
    );
  });
});
