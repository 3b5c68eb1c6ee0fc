/** Nets are trained, measured and put side by side, and finished runs are taken over; by the compiled command line. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Comparison } from '../../src/evaluate/compare/comparison.js';
import { CLASSES, drawData, mien, rowsOf, start, TINY, until, workshop, type Result } from './cli.js';

const { path: folder, remove } = workshop();
const cache = ['--cache-dir', join(folder, 'cache')];
const out = join(folder, 'compare');
const NETS = ['mobileNetV3Small', 'mobileNetV2'];
const run = (net: string) => join(out, `${net}-seed3`);
type Document = Comparison & { finished: boolean; out: string };
let command: string[];
let stopped: Result;
let compared: Result;

beforeAll(async () => {
  const data = await drawData(join(folder, 'faces'));
  const what = ['--models', NETS.join(','), '--data', data, '--seeds', '3', '--out', out];
  command = ['compare', ...what, ...TINY, '--epochs', '1', ...cache];
  stopped = await interrupted();
  compared = await mien(...command, '--json');
}, 240_000);
afterAll(remove);

/** Ctrl-C while the first net trains. */
async function interrupted(): Promise<Result> {
  const running = start(command);
  await until(running, () => running.stderr().includes('stage 1  epoch'));
  running.child.kill('SIGINT');
  return running.result;
}

describe('mien compare', () => {
  it.skipIf(process.platform === 'win32')('stops at Ctrl-C, and goes on with the same command', () => {
    expect(stopped.code, stopped.stderr).toBe(130);
    expect(stopped.stderr).toContain('Finishing the step, then saving. Ctrl-C again quits at once.');
    expect(stopped.stderr.trimEnd().split('\n').at(-1)).toBe('Stopped and saved. The same command goes on.');
    expect(stopped.stdout).toBe('');
    expect(compared.stderr).toMatch(/mobileNetV3Small, seed 3 \(1 of 2\): (going on in|taken from) /);
  });

  it('trains every net and prints one JSON document', () => {
    expect(compared.code, compared.stderr).toBe(0);
    expect(stopped.stderr).toContain(
      `mobileNetV3Small, seed 3 (1 of 2): training from weights "none" into ${run('mobileNetV3Small')}`,
    );
    const document = JSON.parse(compared.stdout) as Document;
    expect(document).toMatchObject({ version: 1, finished: true, out, drawn: true, split: 'test' });
    expect(document.classes).toEqual(CLASSES);
    expect(document.models.map(({ name }) => name)).toEqual(NETS);
    for (const model of document.models) {
      expect(model).toMatchObject({ recipe: 'drawn', inputSize: 32, batchSize: 8, reference: null });
      expect(model.test!.n).toBe(15);
      expect(model.validation!.n).toBe(12);
      expect(model.test!.interval[0]).toBeLessThanOrEqual(model.test!.accuracy);
      expect(model.latency!.runs).toBeGreaterThanOrEqual(50);
      expect(model.latency!.p50).toBeGreaterThan(0);
      expect(model.stepMilliseconds).toBeGreaterThan(0);
      expect(model.secondsToBest).toBeGreaterThan(0);
      expect(model.runs).toMatchObject([{ folder: run(model.net), seed: 3, epochs: 2, bestEpoch: 2 }]);
      expect(model.bytes).toBe(statSync(join(run(model.net), 'weights', 'best_model_float32.keras')).size);
      const report = readFileSync(join(run(model.net), 'evaluation', 'report.json'), 'utf8');
      expect(model.test!.accuracy).toBe((JSON.parse(report) as { accuracy: number }).accuracy);
    }
    expect(document.pairs).toMatchObject([{ first: NETS[0], second: NETS[1], n: 15, method: 'exact' }]);
    const { onlyFirst, onlySecond, difference } = document.pairs[0]!;
    const [first, second] = document.models;
    expect(difference).toBeCloseTo(first!.test!.accuracy - second!.test!.accuracy, 9);
    expect(onlyFirst - onlySecond).toBeCloseTo(15 * difference, 9);
  });

  it('writes the table and the chart', () => {
    expect(JSON.parse(readFileSync(join(out, 'comparison.json'), 'utf8'))).toMatchObject({ version: 1 });
    expect(readFileSync(join(out, 'comparison.md'), 'utf8')).toContain(
      '![Accuracy against latency](comparison.png)',
    );
    expect(existsSync(join(out, 'comparison.png'))).toBe(true);
  });

  it('takes over finished runs when the same command is given again', async () => {
    const before = NETS.map((net) => statSync(join(run(net), 'args.yaml')).mtimeMs);
    const { code, stdout, stderr } = await mien(...command);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(`mobileNetV2, seed 3 (2 of 2): taken from ${run('mobileNetV2')}`);
    expect(stderr).not.toContain('stage 1');
    expect(NETS.map((net) => statSync(join(run(net), 'args.yaml')).mtimeMs)).toEqual(before);
    expect(stdout).toContain('Compared on "drawn test": 15 images, 3 classes (angry, happy, surprise).');
    expect(stdout).toMatch(/^mobileNetV2 +32 +[01]\.\d{4} \(/m);
    expect(stdout).toContain(`Table and chart: ${join(out, 'comparison.md')}`);
    expect(rowsOf(run('mobileNetV2'))).toHaveLength(1 + 2);
  }, 120_000);

  it('takes runs without training, and says in one sentence what does not fit', async () => {
    const runs = ['--runs', NETS.map(run).join(','), '--out', join(folder, 'second')];
    const { code, stdout, stderr } = await mien('compare', ...runs, '--json', ...cache);
    expect(code, stderr).toBe(0);
    expect((JSON.parse(stdout) as Document).pairs).toHaveLength(1);

    const other = await mien(...command, '--batch-size', '4');
    expect(other.stderr.trimEnd()).toBe(
      `mien: ${run('mobileNetV3Small')}: received a run with another recipe.batchSize, expected one with the settings of this comparison; choose another --out, remove the folder, or take the run as it is with --runs.`,
    );
    expect(other.code).toBe(1);
  }, 120_000);

  it.each([
    [
      [],
      'mien: compare: received neither --models nor --runs, expected nets to train, run folders to take, or both.',
    ],
    [
      ['--models', 'mobileNetV2'],
      'mien: compare: received no --data, expected a data folder or a CSV file to train the nets on.',
    ],
    [
      ['--runs', 'a,b', '--seeds', '1'],
      'mien: compare: received --seeds without --models, expected nets to train, for it changes no finished run.',
    ],
    [
      ['--models', 'resnet'],
      "mien: option '--models <names>' argument 'resnet' is invalid. \"resnet\" is none of mobileNetV3Small, mobileNetV3Large, mobileNetV2, densenet121, nasnetMobile.",
    ],
    [
      ['--weights', 'a=b=c'],
      "mien: option '--weights <names>' argument 'a=b=c' is invalid. Give one name for all nets, or NET=NAME for each.",
    ],
  ])('%j is wrong usage', async (args, text) => {
    const { code, stderr } = await mien('compare', ...args);
    expect(stderr.trimEnd()).toBe(text);
    expect(code).toBe(2);
  });
});
