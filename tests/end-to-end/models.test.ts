/** Merged classes, auxiliary classes, going on from a model, and what a model is made of; through the command line. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { loadKeras } from '../../src/export/keras/archive.js';
import type { Evaluation } from '../../src/evaluate/evaluation.js';
import type { ModelInfo } from '../../src/jobs/model-info.js';
import { drawData, mien, workshop } from './cli.js';

const { path: folder, remove } = workshop();
const cache = ['--cache-dir', join(folder, 'cache')];
const SHORT = ['--recipe', 'drawn', '--input-size', '32', '--batch-size', '8', '--epochs', '1,1'];
const best = (run: string) => join(run, 'weights', 'best_model_float32.keras');
let data: string;

async function train(name: string, ...args: string[]): Promise<{ run: string; stderr: string }> {
  const run = join(folder, name);
  const { code, stderr } = await mien('train', '--data', data, ...SHORT, ...cache, '--out', run, ...args);
  expect(code, stderr).toBe(0);
  return { run, stderr };
}

async function json<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await mien(...args, '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

beforeAll(async () => {
  data = await drawData(join(folder, 'faces'));
}, 60_000);
afterAll(remove);

describe('classes made of others', () => {
  it('ride in the record, from training to evaluation', async () => {
    const { run } = await train('merged', '--weights', 'none', '--map', 'up=happy,surprise down=angry');
    const { classes, origin } = await loadKeras(best(run));
    expect(classes).toEqual(['up', 'down']);
    expect(origin['classMap']).toEqual({ up: ['happy', 'surprise'], down: ['angry'] });
    const found = await json<Evaluation>('evaluate', '--model', best(run), '--data', data, ...cache);
    expect(found.confusionMatrix.map((row) => row.reduce((a, b) => a + b))).toEqual([10, 5]);
    const report = JSON.parse(readFileSync(join(run, 'evaluation', 'report.json'), 'utf8')) as Evaluation;
    expect(found.confusionMatrix).toEqual(report.confusionMatrix);
  }, 180_000);

  it('are refused in one sentence where they do not fit', async () => {
    const { code, stderr } = await mien('train', '--data', data, '--map', 'up=happy down=happy');
    expect(code).toBe(1);
    expect(stderr).toContain('mien: --map: received the class "happy" twice');
  });
});

describe('auxiliary classes', () => {
  it('train the backbone and are not answered; those that the data lacks are left out', async () => {
    const args = ['--classes', 'happy,angry', '--auxiliary', 'surprise,fear', '--weights', 'none'];
    const { run, stderr } = await train('auxiliary', ...args);
    expect(stderr).toMatch(/surprise/);
    const { classes, graph } = await loadKeras(best(run));
    expect([classes, graph.shapeOf('logits')]).toEqual([['happy', 'angry'], [2]]);
    expect(readFileSync(join(run, 'args.yaml'), 'utf8')).toMatch(/auxiliaryClasses:\s+- surprise\n\w/);
    for (const split of ['test', 'validation']) {
      const out = split === 'test' ? [] : ['validation'];
      const path = join(run, 'evaluation', ...out, 'report.json');
      const report = JSON.parse(readFileSync(path, 'utf8')) as Evaluation;
      expect(report.classes).toEqual(['happy', 'angry']);
      const again = await json<Evaluation>('evaluate', '--model', run, '--split', split, ...cache);
      expect(again.confusionMatrix).toEqual(report.confusionMatrix);
    }
  }, 180_000);
});

describe('going on from a model', () => {
  let base: string;
  beforeAll(async () => {
    const classes = ['--classes', 'angry,happy,surprise'];
    base = (await train('base', ...classes, '--weights', 'none', '--set', 'head.kind=light')).run;
  }, 180_000);

  it('keeps its head where the classes are the same', async () => {
    const args = ['--classes', 'angry,happy,surprise', '--from', base];
    const { run } = await train('same', ...args, '--lr', '1e-12');
    const [before, after] = [await loadKeras(best(base)), await loadKeras(best(run))];
    expect(after.graph.layers.map(({ name }) => name)).toEqual(before.graph.layers.map(({ name }) => name));
    const kernel = (model: typeof before) => [...model.weights.get('logits/kernel')!];
    kernel(after).forEach((value, i) => expect(value).toBeCloseTo(kernel(before)[i]!, 5));
    expect(after.origin['continuedFrom']).toBe(base);
  }, 180_000);

  it('puts a new head on where they differ, at its own size whatever the recipe says', async () => {
    const { run } = await train(
      'other',
      '--classes',
      'surprise,happy',
      '--from',
      best(base),
      '--input-size',
      '64',
    );
    const { graph, classes, preprocessing } = await loadKeras(best(run));
    expect([classes, graph.shapeOf('logits')]).toEqual([['surprise', 'happy'], [2]]);
    expect(preprocessing?.inputSize).toEqual([32, 32]);
  }, 180_000);

  it('says in one sentence what is missing', async () => {
    const { code, stderr } = await mien('train', '--data', data, '--from', join(folder, 'nowhere.keras'));
    expect(code).toBe(1);
    expect(stderr).toContain('expected a .keras or .h5 file, a run folder, or a shipped model');
    expect(existsSync(join(folder, 'runs'))).toBe(false);
  });
});

describe('mien info and mien export', () => {
  it('describe and write the shipped model', async () => {
    const out = join(folder, 'exported');
    const written = await json<{ files: { path: string; bytes: number }[] }>(
      ...['export', 'mien', '--format', 'keras', '--compiled', '--out', out],
    );
    expect(written.files.map(({ path }) => path)).toEqual([join(out, 'best_model_float32.keras')]);
    const [own, file] = [
      await json<ModelInfo>('info', 'mien'),
      await json<ModelInfo>('info', written.files[0]!.path),
    ];
    expect(file.bytes).toBe(written.files[0]!.bytes);
    for (const key of ['parameters', 'macs', 'classes', 'preprocessing', 'layers', 'origin'] as const)
      expect(file[key]).toEqual(own[key]);
    expect(own.layers.reduce((sum, layer) => sum + layer.parameters, 0)).toBe(own.parameters);
    const { stdout } = await mien('info', 'mien');
    expect(stdout).toMatch(/^model +MobileNetV3Small \(shipped with Mien, half precision\)$/m);
    expect(stdout).toMatch(/^conv +Conv2D +\[64, 64, 16\] +432 +1,769,472 +conv_pad$/m);
  }, 60_000);

  it('write networks, checked, that mien info and mien predict take', async () => {
    const out = join(folder, 'networks');
    const written = await json<{ report: { passed: boolean; artefacts: { path: string }[] } }>(
      ...['export', 'mien', '--format', 'onnx,tflite', '--precision', 'float16', '--out', out],
    );
    expect(written.report.passed).toBe(true);
    expect(written.report.artefacts.map(({ path }) => path)).toEqual([
      'model_float16.onnx',
      'model_float16.tflite',
    ]);
    expect(JSON.parse(readFileSync(join(out, 'export_report.json'), 'utf8'))).toEqual(written.report);
    const picture = join(folder, 'faces', 'test', 'happy', 'drawn_00001.png');
    const classOf = async (model: string) =>
      (await mien('predict', '--model', model, picture)).stdout.split(/\s+/)[1];
    for (const { path } of written.report.artefacts) {
      expect(await classOf(join(out, path))).toBe(await classOf('mien'));
      expect((await json<ModelInfo>('info', join(out, path))).preprocessing?.inputSize).toEqual([128, 128]);
    }
  }, 120_000);

  it('refuse what they cannot write, or write to', async () => {
    const usage = await mien('export', 'mien', '--format', 'docx');
    expect([usage.code, usage.stderr]).toEqual([2, expect.stringContaining('keras')]);
    const file = join(folder, 'faces', 'test', 'happy', 'drawn_00001.png');
    const { code, stderr } = await mien('export', 'mien', '--format', 'keras', '--out', join(file, 'x'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^mien: --out: received ".*", expected a folder that can be written\.$/m);
  });
});
