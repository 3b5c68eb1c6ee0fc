/** The happy path, and runs that are stopped, killed and resumed, through the compiled command line. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Evaluation } from '../../src/evaluate/evaluation.js';
import { CLASSES, drawData, mien, rowsOf, start, TINY, until, weightsOf, workshop } from './cli.js';

const { path: folder, remove } = workshop();
const cache = ['--cache-dir', join(folder, 'cache')];
const run = join(folder, 'undisturbed');
let data: string;
let trained: Awaited<ReturnType<typeof mien>>;

beforeAll(async () => {
  data = await drawData(join(folder, 'faces'));
  trained = await mien('train', '--data', data, ...TINY, ...cache, '--out', run);
}, 180_000);
afterAll(remove);

describe('mien train', () => {
  it('writes the run folder and says what comes next', () => {
    expect(trained.stderr).toContain('Training mobileNetV3Small on');
    expect(trained.stderr).toContain('(drawn faces, not photographs)');
    expect(trained.code, trained.stderr).toBe(0);
    expect(trained.stdout).toContain('Evaluation of "drawn test": 15 images, 3 classes');
    expect(trained.stdout).toContain('Accuracy on drawn validation: ');
    expect(trained.stdout).toContain(`predict --model ${run} PHOTO.jpg`);
    for (const file of [
      ...['args.yaml', 'results.csv', 'results.png', 'checkpoint/state.safetensors'],
      ...['weights/best_model_float32.keras', 'weights/last.keras'],
      ...['report.txt', 'report.json', 'confusion_matrix.png', 'predictions.csv'].map(
        (name) => `evaluation/${name}`,
      ),
    ]) {
      expect(existsSync(join(run, file)), file).toBe(true);
    }
    expect(rowsOf(run)).toHaveLength(1 + 4);
  });

  it('prints one JSON document with --json, from the settings of another run', async () => {
    const out = join(folder, 'again');
    const settings = ['--settings', join(run, 'args.yaml'), '--epochs', '1'];
    const { code, stdout, stderr } = await mien('train', ...settings, ...cache, '--out', out, '--json');
    expect(code, stderr).toBe(0);
    const document = JSON.parse(stdout) as { finished: boolean; evaluations: { test: Evaluation } };
    expect(document.finished).toBe(true);
    expect(document.evaluations.test.n).toBe(15);
    expect(rowsOf(out)).toHaveLength(1 + 2);
  }, 180_000);
});

describe('mien evaluate', () => {
  it('reports what the training reported', async () => {
    const { code, stdout } = await mien('evaluate', '--model', run, '--json', ...cache);
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as Evaluation;
    const report = readFileSync(join(run, 'evaluation', 'report.json'), 'utf8');
    expect(found).toMatchObject(JSON.parse(report) as object);
    expect(Object.keys(found.perClass)).toEqual(CLASSES);
    expect(found.interval[0]).toBeLessThanOrEqual(found.accuracy);
    expect(found.withoutLeaks).toMatchObject({ copies: 0, n: 15 });
    expect(found.confusionMatrix.flat().reduce((a, b) => a + b)).toBe(15);
  });

  it('finds the validation part of the run again', async () => {
    const before = readFileSync(join(run, 'evaluation', 'validation', 'report.json'), 'utf8');
    const args = ['--model', run, '--split', 'validation', '--json', ...cache];
    const { code, stdout } = await mien('evaluate', ...args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject(JSON.parse(before) as object);
  });

  it('works on a root with only test/, on a part of the classes, without touching the run', async () => {
    const root = join(folder, 'only-test');
    const { cpSync } = await import('node:fs');
    cpSync(join(data, 'test'), join(root, 'test'), { recursive: true });
    const before = readFileSync(join(run, 'evaluation', 'report.json'), 'utf8');
    const what = ['--model', run, '--data', root, '--split', 'test', '--classes', 'surprise,angry'];
    const { code, stdout, stderr } = await mien('evaluate', ...what, '--json', ...cache);
    expect(code, stderr).toBe(0);
    const found = JSON.parse(stdout) as Evaluation & { out: string };
    expect(found.n).toBe(10);
    expect(found.emptyClasses).toEqual(['happy']);
    expect(found.withoutLeaks).toBeUndefined();
    expect(stderr).toContain('Not read, for the model or --classes lacks them: happy');
    expect(found.out).toBe(join(run, 'evaluation', 'on-only-test'));
    expect(readFileSync(join(run, 'evaluation', 'report.json'), 'utf8')).toBe(before);
  });
});

describe('mien predict', () => {
  it('classifies pictures of any size, reports unreadable ones and loses nothing', async () => {
    const pictures = join(folder, 'pictures');
    const { default: sharp } = await import('sharp');
    mkdirSync(join(pictures, 'deeper'), { recursive: true });
    const face = readFileSync(join(data, 'test', 'happy', 'drawn_00001.png'));
    writeFileSync(join(pictures, 'a.png'), face);
    writeFileSync(join(pictures, 'corrupt.jpg'), 'no picture');
    writeFileSync(join(pictures, 'notes.txt'), 'ignored');
    const large = await sharp(face).resize(300, 200, { fit: 'fill' }).jpeg().toBuffer();
    writeFileSync(join(pictures, 'deeper', 'large.jpg'), large);
    const { code, stdout, stderr } = await mien('predict', '--model', run, pictures, '--json');
    expect(code).toBe(1);
    expect(stderr).toContain('mien: predict: received 1 of 3 files that could not be read (named above)');
    const { predictions, failed } = JSON.parse(stdout) as {
      predictions: { file: string; class?: string; probabilities?: Record<string, number> }[];
      failed: number;
    };
    expect(failed).toBe(1);
    const names = predictions.map(({ file }) => file).sort();
    expect(names).toEqual(
      ['a.png', 'corrupt.jpg', join('deeper', 'large.jpg')].map((n) => join(pictures, n)),
    );
    for (const { class: best, probabilities } of predictions.filter((row) => row.class !== undefined)) {
      expect(Object.keys(probabilities!)).toEqual(CLASSES);
      expect(Math.max(...Object.values(probabilities!))).toBe(probabilities![best!]);
      expect(Object.values(probabilities!).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    }
  });

  it('agrees with the evaluation, in a CSV table, whatever the batch size', async () => {
    const { code, stdout } = await mien(
      'predict',
      '--model',
      run,
      join(data, 'test'),
      '--csv',
      '--batch-size',
      '4',
    );
    expect(code).toBe(0);
    const [header, ...rows] = stdout.trimEnd().split('\n');
    expect(header).toBe(
      'file,class,p_angry,p_happy,p_surprise,milliseconds,error,face,faces,x,y,width,height,score',
    );
    const table = readFileSync(join(run, 'evaluation', 'predictions.csv'), 'utf8')
      .trimEnd()
      .split('\n');
    const expected = new Map(table.slice(1).map((row) => [row.split(',')[0], row.split(',')[2]]));
    expect(rows).toHaveLength(15);
    for (const row of rows) {
      const [file = '', best] = row.split(',');
      expect(best, file).toBe(expected.get(file.slice(data.length + 1).replaceAll('\\', '/')));
    }
  });
});

describe('a run that did not end', () => {
  it('is resumed after kill -9 as if nothing had happened', async () => {
    const out = join(folder, 'killed');
    const running = start(['train', '--data', data, ...TINY, ...cache, '--out', out]);
    await until(running, () => existsSync(join(out, 'checkpoint', 'state.safetensors')));
    running.child.kill('SIGKILL');
    await running.result;
    expect(existsSync(join(out, 'evaluation'))).toBe(false);
    const { code, stderr } = await mien('train', '--resume', out, ...cache);
    expect(code, stderr).toBe(0);
    expect(rowsOf(out)).toEqual(rowsOf(run));
    expect(await weightsOf(out)).toEqual(await weightsOf(run));
  }, 180_000);

  it.skipIf(process.platform === 'win32')(
    'stops at Ctrl-C, says how to go on, and ends the same',
    async () => {
      const out = join(folder, 'stopped');
      const running = start(['train', '--data', data, ...TINY, ...cache, '--out', out]);
      await until(running, () => running.stderr().includes('stage 1  epoch'));
      running.child.kill('SIGINT');
      const stopped = await running.result;
      expect(stopped.stderr).toContain('Finishing the step, then saving. Ctrl-C again quits at once.');
      expect(stopped.stderr).toContain('Stopped and saved. Go on with: ');
      expect(stopped.stderr).toContain(`train --resume ${out}`);
      expect(stopped.code).toBe(130);
      const { code, stderr } = await mien('train', '--resume', out, ...cache);
      expect(code, stderr).toBe(0);
      expect(rowsOf(out)).toEqual(rowsOf(run));
      expect(await weightsOf(out)).toEqual(await weightsOf(run));
    },
    180_000,
  );
});
