/** Whole models that Keras saved, of the kinds that people have, in both formats. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { loadKeras } from '../../src/export/keras/archive.js';
import { countParameters } from '../../src/models/model.js';
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
