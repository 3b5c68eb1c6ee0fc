/** What the tests of archives do: Mien's file, opened, summarized, trained and saved again by real Keras. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, describe, expect, it } from 'vitest';

import type { Preprocessing } from '../../src/core/preprocessing.js';
import { createRandom } from '../../src/core/random.js';
import { loadImages } from '../../src/data/load.js';
import { loadKeras, saveKeras } from '../../src/export/keras/archive.js';
import { withHead, type HeadOptions } from '../../src/models/head.js';
import { countParameters, initialWeights, type Model } from '../../src/models/model.js';
import { buildNet, type NetName } from '../../src/models/nets.js';
import { preprocessingOf, untrainedRecord } from '../../src/models/weights/records.js';
import { inFolder, runPython } from './oracle.js';
import { normalizedPictures, runModel, worstError } from './run-model.js';

/** Relative to the largest logit; float32 on both sides. */
const LIMIT = 1e-5;

interface Result {
  readonly keras: string;
  readonly worstRelativeToLargest: number;
  readonly sameLayers: boolean;
  readonly sameParameters: boolean;
  readonly compiled: boolean;
  readonly trainingLoss: readonly number[];
  readonly summary: string;
}

/** Name, number of pictures, whether Keras finds it compiled, and the model. */
export type ArchiveCase = readonly [string, number, boolean, () => Promise<Model>];

/** Real pictures, evenly from the test part: no model is judged or chosen by them here. */
async function pictures(count: number, { sourceSize, colour }: Preprocessing) {
  const data = process.env['MIEN_FER2013'];
  if (data === undefined)
    throw new Error('interop tests: received no MIEN_FER2013, expected a start by `npm run test:interop`.');
  const { images } = await loadImages({ data, split: 'test', sourceSize, colour });
  const step = Math.floor(images.labels.length / count);
  return { images, indices: Array.from({ length: count }, (_, i) => i * step) };
}

/** A model of random weights under a head. */
export function drawn(net: NetName, head: Omit<HeadOptions, 'classes'>, side: number): Model {
  const record = untrainedRecord(net);
  const backbone = buildNet(net, { inputShape: [side, side, 3], weights: record });
  const graph = withHead(backbone, { ...head, classes: 5 });
  const choice = { inputSize: [side, side], sourceSize: [48, 48], colour: 'grey' } as const;
  return {
    graph,
    weights: initialWeights(graph, createRandom(2)),
    preprocessing: preprocessingOf(record.input, choice),
    classes: ['angry', 'disgust', 'happy', 'neutral', 'surprise'],
    origin: { net },
  };
}

/** Declares the tests of some archives; a table of the differences comes at the end. */
export function describeArchives(cases: readonly ArchiveCase[]): void {
  const rows: Record<string, string | number>[] = [];
  let keras = '';
  afterAll(() => {
    console.log(`Archives in Keras ${keras}: worst difference relative to the largest logit, real pictures`);
    console.table(rows);
  });
  describe.each(cases)('%s', (name, count, compiled, open) => {
    it('opens in Keras, agrees, trains on, and comes back', async () => {
      const model = await open();
      const { images, indices } = await pictures(count, model.preprocessing!);
      const x = await normalizedPictures(images, indices, model.preprocessing!);
      const [height, width] = model.preprocessing!.inputSize;
      const xShape = [count, height, width, 3];
      const y = await runModel(model.graph, model.weights, x, xShape);
      await inFolder(async (folder) => {
        await saveKeras(join(folder, 'model.keras'), model, { compiled });
        writeFileSync(join(folder, 'x.bin'), new Uint8Array(x.buffer));
        writeFileSync(join(folder, 'y.bin'), new Uint8Array(y.slice().buffer));
        const layers = model.graph.layers.map((layer) => layer.name);
        const parameters = countParameters(model.graph);
        writeFileSync(join(folder, 'case.json'), JSON.stringify({ xShape, layers, parameters }));
        runPython(fileURLToPath(new URL('keras_archive.py', import.meta.url)), [folder]);
        const result = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as Result;
        keras = result.keras;
        expect(result).toMatchObject({ sameLayers: true, sameParameters: true, compiled });
        expect(result.summary).toContain(layers.at(-1));
        expect(result.trainingLoss.every(Number.isFinite)).toBe(true);
        const [first, ...later] = result.trainingLoss;
        expect(Math.min(...later)).toBeLessThan(first!);
        expect(result.worstRelativeToLargest).toBeLessThan(LIMIT);
        const again = await loadKeras(join(folder, 'resaved.keras'));
        expect(again.preprocessing).toBeUndefined();
        const resaved = new Float32Array(new Uint8Array(readFileSync(join(folder, 'resaved-y.bin'))).buffer);
        const back = worstError(await runModel(again.graph, again.weights, x, xShape), resaved);
        expect(back).toBeLessThan(LIMIT);
        rows.push({
          model: name,
          pictures: count,
          'in Keras': result.worstRelativeToLargest.toExponential(1),
          'saved again by Keras': back.toExponential(1),
          'loss of three epochs': result.trainingLoss.map((loss) => loss.toFixed(3)).join(' → '),
        });
      });
    });
  });
}
