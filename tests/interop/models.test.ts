/** Whole models that Keras saved, of the kinds that people have, in both formats. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { inlineBatches } from '../../src/data/prefetch.js';
import { writeDrawnFaces } from '../../src/data/draw/write.js';
import { loadKeras } from '../../src/export/keras/archive.js';
import { trainJob } from '../../src/jobs/train-job.js';
import { resolveTraining } from '../../src/jobs/train-options.js';
import { countParameters } from '../../src/models/model.js';
import { ortNode } from '../../src/runtime/node/ort.js';
import { recipeOf } from '../../src/train/recipes/index.js';
import { runPython } from './oracle.js';
import { runModel, worstError } from './run-model.js';

/** Relative to the largest output; float32 on both sides. */
const LIMIT = 1e-5;
const folder = mkdtempSync(join(tmpdir(), 'mien-models-'));

beforeAll(() => runPython(fileURLToPath(new URL('keras_models.py', import.meta.url)), [folder]), 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const floats = (file: string) => new Float32Array(new Uint8Array(readFileSync(join(folder, file))).buffer);

describe.each(['nested', 'flat', 'sequential', 'sequential_nested'])('a %s model', (name) => {
  it.each(['keras', 'h5'])('computes what Keras computes, from .%s', async (ending) => {
    const { xShape, parameters } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as {
      xShape: number[];
      parameters: number;
    };
    const { graph, weights } = await loadKeras(join(folder, `${name}.${ending}`));
    expect(countParameters(graph)).toBe(parameters);
    const y = await runModel(graph, weights, floats(`${name}-x.bin`), xShape);
    expect(worstError(y, floats(`${name}-y.bin`))).toBeLessThan(LIMIT);
  });
});

describe("the reference project's form of a model", () => {
  it.each(['keras', 'h5'])('trains on here, with a new head, from .%s', async (ending) => {
    const classes = ['happy', 'angry', 'surprise'];
    const data = join(folder, `faces-${ending}`);
    await writeDrawnFaces({ out: data, train: 60, test: 15, classes, seed: 7 });
    const drawn = recipeOf('drawn');
    const stages = drawn.stages.map((stage) => ({ ...stage, epochs: 1 }));
    const from = join(folder, `nested.${ending}`);
    const { settings } = resolveTraining({
      ...{ data, classes, from, preprocessing: 'tf', seed: 1 },
      recipe: { ...drawn, batchSize: 8, stages },
    });
    const runtime = ortNode();
    const versions = { mien: 'test', node: 'test', runtime: runtime.name };
    const openBatches = (...args: Parameters<typeof inlineBatches>) =>
      Promise.resolve(inlineBatches(...args));
    const out = join(folder, `run-${ending}`);
    const environment = { runtime, versions, out, weightSearch: {}, openBatches };
    const { finished, evaluations } = await trainJob(settings, environment);
    expect([finished, evaluations['test']?.n]).toEqual([true, 15]);
    const { graph, preprocessing } = await loadKeras(join(out, 'weights', 'best_model_float32.keras'));
    expect(graph.shapeOf('logits')).toEqual([3]);
    expect(preprocessing).toMatchObject({ inputSize: [64, 64], scale: 1 / 255, mean: [0.5, 0.5, 0.5] });
  });
});
