import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';

import type { Preprocessing } from '../../core/preprocessing.js';
import { batchNormalization } from '../../layers/batch-normalization.js';
import { conv2d } from '../../layers/conv2d.js';
import { inferenceGraph } from '../../models/inference.js';
import { countParameters, initialWeights, type Model } from '../../models/model.js';
import { withHead } from '../../models/head.js';
import { NetBuilder } from '../../models/net-builder.js';
import { evaluateGraph } from '../../ops/reference/evaluate.js';
import { gatherStrided } from '../../ops/reference/ndarray.js';
import { loadKeras, readKeras, saveKeras, writeKeras } from './archive.js';

interface Golden {
  readonly layers: readonly string[];
  readonly parameters: number;
  readonly xShape: readonly number[];
  readonly x: readonly number[];
  readonly y: readonly number[];
}

const golden = (file: string) => readFileSync(new URL(`../../../tests/golden/${file}`, import.meta.url));
const cases = JSON.parse(golden('keras_archives.json').toString()) as Record<'zoo' | 'nested', Golden>;

/** Runs a model on pictures [N, H, W, C] with the float64 kernels. */
function run({ graph, weights }: Model, { x, xShape }: Golden): number[] {
  const [n = 1, h = 1, w = 1, c = 1] = xShape;
  const pictures = { shape: [...xShape], data: Float64Array.from(x) };
  const feed = gatherStrided(pictures, [n, c, h, w], [h * w * c, 1, w * c, c]);
  const values = evaluateGraph(inferenceGraph(graph, weights, { batch: n }), { [graph.inputs[0]!]: feed });
  return [...values.get(graph.outputs[0]!)!.data];
}

function worstError(found: readonly number[], expected: readonly number[]): number {
  expect(found.length).toBe(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...found.map((value, i) => Math.abs(value - expected[i]!))) / largest;
}

const preprocessing: Preprocessing = {
  version: 1,
  sourceSize: [48, 48],
  inputSize: [32, 32],
  channels: 3,
  colour: 'grey',
  interpolation: 'bicubic',
  antialias: true,
  scale: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
  cropMargin: 0,
};

function smallModel(): Model {
  const net = new NetBuilder();
  const image = net.input([8, 8, 3]);
  const conv = net.add(conv2d({ filters: 4, kernelSize: 3, useBias: false }), image, 'conv');
  const backbone = net.build('tiny', [net.add(batchNormalization(), conv, 'conv_bn')]);
  const graph = withHead(backbone, { classes: 2, kind: 'light' });
  return {
    graph,
    weights: initialWeights(graph),
    preprocessing,
    classes: ['a', 'b'],
    origin: { data: 'drawn' },
  };
}

describe('archives saved by Keras', () => {
  // Keras computed in float32: 1e-5 is some twenty of its roundings.
  it('every layer kind computes what Keras computes', async () => {
    const model = await readKeras(golden('keras_zoo.keras'), 'zoo.keras');
    expect(model.graph.layers.map((layer) => layer.name)).toEqual(cases.zoo.layers);
    expect(countParameters(model.graph)).toBe(cases.zoo.parameters);
    expect(worstError(run(model, cases.zoo), cases.zoo.y)).toBeLessThan(1e-5);
    expect([model.preprocessing, model.classes, model.origin]).toEqual([undefined, undefined, {}]);
  });

  it('a model inside a model is laid flat; training=False stays with its layers', async () => {
    const model = await readKeras(golden('keras_nested.keras'), 'nested.keras');
    expect(worstError(run(model, cases.nested), cases.nested.y)).toBeLessThan(1e-5);
    expect(model.graph.node('bn').training).toBe(false);
    expect([...model.weights.keys()]).toContain('head_conv/kernel');
  });

  it('a whole model in the legacy format computes what Keras computes', async () => {
    const model = await readKeras(golden('keras_nested.h5'), 'nested.h5');
    expect(worstError(run(model, cases.nested), cases.nested.y)).toBeLessThan(1e-5);
    expect(model.graph.node('bn').training).toBe(false);
  });

  it('stay what they are when written and read again', async () => {
    const model = await readKeras(golden('keras_zoo.keras'), 'zoo.keras');
    const again = await readKeras(await writeKeras(model), 'again.keras');
    expect(again.graph.layers.map((layer) => layer.name)).toEqual(cases.zoo.layers);
    expect(again.weights).toEqual(model.weights);
    expect(run(again, cases.zoo)).toEqual(run(model, cases.zoo));
  });
});

describe('archives of Mien', () => {
  it('carry weights, preprocessing, classes and origin through a file', async () => {
    const model = smallModel();
    const path = join(mkdtempSync(join(tmpdir(), 'mien-keras-')), 'model.keras');
    await saveKeras(path, model);
    const again = await loadKeras(path);
    expect(again.weights).toEqual(model.weights);
    expect(again.preprocessing).toEqual(preprocessing);
    expect([again.classes, again.origin]).toEqual([['a', 'b'], { data: 'drawn' }]);
    const names = (m: Model) => m.graph.nodes.map((node) => [node.name, node.inbound]);
    expect(names(again)).toEqual(names(model));
  });

  it('state their date and a version of Keras', async () => {
    const files = unzipSync(await writeKeras(smallModel(), { date: new Date('2026-01-31T23:59:58Z') }));
    expect(JSON.parse(Buffer.from(files['metadata.json']!).toString())).toEqual({
      keras_version: '3.15.1',
      date_saved: '2026-01-31@23:59:58',
    });
  });

  it('keep which layers are frozen', async () => {
    const model = smallModel();
    model.graph.node('conv_bn').layer.trainable = false;
    const again = await readKeras(await writeKeras(model), 'm');
    expect(again.graph.layers.filter((layer) => !layer.trainable).map((layer) => layer.name)).toEqual([
      'conv_bn',
    ]);
  });

  it('cannot be written without all weights', async () => {
    const model = smallModel();
    model.weights.delete('logits/bias');
    await expect(writeKeras(model)).rejects.toThrow(/received no weight "logits\/bias"/);
  });
});

describe('broken and hostile archives', () => {
  const zoo = golden('keras_zoo.keras');
  const repacked = (change: (files: Record<string, Uint8Array>) => void) => {
    const files = unzipSync(zoo);
    change(files);
    return zipSync(files);
  };
  const withConfig = (change: (config: { config: { layers: Record<string, unknown>[] } }) => void) =>
    repacked((files) => {
      const config = JSON.parse(Buffer.from(files['config.json']!).toString()) as never;
      change(config);
      files['config.json'] = strToU8(JSON.stringify(config));
    });
  const refuses = (bytes: Uint8Array, message: RegExp | string) =>
    expect(readKeras(bytes, 'm.keras')).rejects.toThrow(message);

  it('truncated, empty, or no archive', async () => {
    const message =
      'm.keras: received no zip directory, expected a complete .keras archive (the file may be truncated).';
    await refuses(zoo.subarray(0, 5000), message);
    for (const bytes of [new Uint8Array(0), Buffer.from('hello')]) {
      await refuses(
        bytes,
        'm.keras: received a file that begins neither as a zip archive nor as HDF5, expected a .keras archive or a whole model in .h5.',
      );
    }
    await expect(loadKeras('/nowhere/m.keras')).rejects.toThrow(/expected a readable .keras or .h5 file/);
  });

  it('a flipped bit in the weights', async () => {
    const bytes = Uint8Array.from(zoo);
    bytes[zoo.length - 30_000]! ^= 4;
    await refuses(
      bytes,
      'm.keras: received a damaged model.weights.h5 (its checksum differs), expected an intact .keras archive.',
    );
  });

  it('a zip bomb, by what it claims', async () => {
    await refuses(
      repacked((files) => void (files['metadata.json'] = new Uint8Array(5_000_000))),
      /received 5000000 bytes of metadata.json packed into \d+, expected at most 1048576 bytes/,
    );
  });

  it('a path that leaves the archive', async () => {
    await refuses(
      repacked((files) => void (files['../evil'] = new Uint8Array(1))),
      'm.keras: received the path "../evil" inside, expected paths that stay inside the archive.',
    );
  });

  it('an .h5 of weights alone, and a truncated one', async () => {
    const weights = unzipSync(zoo)['model.weights.h5']!;
    await refuses(
      weights,
      'm.keras: received an HDF5 file without model_config, expected a whole model; a file of weights alone is found by the name of its net: put it into --weights-dir.',
    );
    await refuses(golden('keras_nested.h5').subarray(0, 9000), /received a truncated HDF5 file/);
  });

  it('a missing or truncated weights file', async () => {
    await refuses(
      repacked((files) => delete files['model.weights.h5']),
      'm.keras: received an archive without model.weights.h5, expected a .keras archive.',
    );
    await refuses(
      repacked((files) => void (files['model.weights.h5'] = files['model.weights.h5']!.subarray(0, 9000))),
      /received a truncated HDF5 file/,
    );
  });

  it('a Lambda layer, huge shapes, another kind of document', async () => {
    await refuses(
      withConfig(({ config }) => Object.assign(config.layers[1]!, { class_name: 'Lambda' })),
      /layer "rescaling": received the class Lambda, expected one of Activation, Add/,
    );
    await refuses(
      withConfig(({ config }) => {
        const layer = config.layers.find((item) => item['class_name'] === 'Dense');
        Object.assign(layer!['config'] as object, { units: 16_777_216 });
      }),
      /expected/,
    );
    await refuses(
      repacked((files) => void (files['config.json'] = strToU8('[1]'))),
      /received a model of class nothing/,
    );
    await refuses(
      repacked((files) => void (files['config.json'] = strToU8('{'))),
      /expected JSON/,
    );
  });

  it('a cycle, and a reference to nothing', async () => {
    const history = (name: string) => ({
      class_name: '__keras_tensor__',
      config: { keras_history: [name, 0, 0] },
    });
    const rewire = (name: string) =>
      withConfig(({ config }) => {
        const layer = config.layers.find((item) => item['name'] === 'rescaling');
        layer!['inbound_nodes'] = [{ args: [history(name)], kwargs: {} }];
      });
    await refuses(rewire('softmax'), /a cycle through/);
    await refuses(
      rewire('nothing'),
      'model "zoo": received a reference to "nothing", expected the name of a layer of the model.',
    );
  });

  it('a temperature that is none', async () => {
    const files = unzipSync(await writeKeras({ ...smallModel(), calibration: { temperature: 1.5 } }));
    const record = strFromU8(files['mien.json'] ?? new Uint8Array());
    expect(record).toContain('"temperature": 1.5');
    files['mien.json'] = strToU8(record.replace('1.5', '-1.5'));
    await refuses(
      zipSync(files),
      'm.keras mien.json: received calibration = {"temperature":-1.5}, expected a positive temperature.',
    );
  });

  it('a record of a newer version', async () => {
    const files = unzipSync(await writeKeras(smallModel()));
    files['mien.json'] = strToU8('{"format":"mien-model","version":2}');
    await refuses(
      zipSync(files),
      'm.keras mien.json: received format "mien-model", version 2, expected mien-model version 1; a newer Mien may read it.',
    );
  });
});
