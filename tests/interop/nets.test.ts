/** Every net against Keras's application of the same name: layers, weight files, whole models, outputs. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sizeOf } from '../../src/core/tensor.js';
import { loadKeras } from '../../src/export/keras/archive.js';
import type { LayerGraph } from '../../src/models/layer-graph.js';
import { countParameters, type Weights } from '../../src/models/model.js';
import { buildNet, netNames } from '../../src/models/nets.js';
import { readLayoutFile } from '../../src/models/weights/layout-file.js';
import { runPython } from './oracle.js';
import { runModel, worstError } from './run-model.js';

/** Largest error relative to the largest output: some hundred roundings of float32 through up to 700 layers. */
const LIMIT = 1e-4;
const SIZES = [128, 224] as const;

interface Case {
  readonly layers: Readonly<Record<string, unknown>>;
  readonly parameters: number;
  readonly classes: number;
  readonly last60: readonly string[];
  readonly keras: string;
}

const root = mkdtempSync(join(tmpdir(), 'mien-nets-'));
const rows: Record<string, string | number>[] = [];
let keras = '';

beforeAll(() => {
  runPython(fileURLToPath(new URL('keras_nets.py', import.meta.url)), [root, ...netNames]);
}, 600_000);

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  console.log(`Outputs against Keras ${keras}: worst error relative to the largest output`);
  console.table(rows);
});

const floats = (path: string) => {
  const bytes = new Uint8Array(readFileSync(path));
  return new Float32Array(bytes.buffer);
};

function layersOf(graph: LayerGraph) {
  const slots = graph.weightSlots;
  return graph.layers.map((layer) => {
    const own = slots.filter((slot) => slot.layer === layer);
    const parameters = own.reduce((sum, { spec }) => sum + sizeOf(spec.shape), 0);
    return [layer.name, layer.className, graph.shapeOf(layer.name), parameters];
  });
}

describe.each(netNames)('%s', (name) => {
  describe.each(['no_top', 'top'] as const)('%s', (top) => {
    const folder = join(root, `${name}-${top}`);
    const read = () => JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as Case;
    const build = (size: number, { classes }: Case) =>
      buildNet(name, {
        inputShape: [size, size, 3],
        ...(top === 'top' ? { includeTop: { classes } } : {}),
      });
    const errorOf = async (graph: LayerGraph, weights: Weights, size: number) => {
      const y = await runModel(graph, weights, floats(join(folder, `x${size}.bin`)), [2, size, size, 3]);
      return worstError(y, floats(join(folder, `y${size}.bin`)));
    };

    it('lists the layers that Keras lists, and the same last 60', () => {
      const found = read();
      for (const size of SIZES) expect(layersOf(build(size, found))).toEqual(found.layers[String(size)]);
      const graph = build(224, found);
      expect(countParameters(graph)).toBe(found.parameters);
      expect(graph.layers.slice(-60).map((layer) => layer.name)).toEqual(found.last60);
    });

    it("computes what Keras computes, from Keras's layout of weight files", async () => {
      const found = read();
      keras = found.keras;
      const row: Record<string, string | number> = { net: name, top, parameters: found.parameters };
      for (const size of SIZES) {
        const graph = build(size, found);
        const weights = await readLayoutFile(graph, readFileSync(join(folder, 'weights.h5')), 'weights.h5');
        const error = await errorOf(graph, weights, size);
        row[`${size} px`] = error.toExponential(1);
        expect(error).toBeLessThan(LIMIT);
      }
      rows.push(row);
    });

    it.each(['model.keras', 'model.h5'])('computes what Keras computes, from %s', async (file) => {
      const { graph, weights } = await loadKeras(join(folder, file));
      expect(await errorOf(graph, weights, 128)).toBeLessThan(LIMIT);
    });
  });
});
