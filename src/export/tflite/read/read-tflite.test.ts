import { describe, expect, it } from 'vitest';

import type { Tensor } from '../../../core/tensor.js';
import { runLiteRt } from '../../testing/litert.js';
import { drawnModel, recordOf } from '../../testing/models.js';
import { compare, drawnInput, runOnnx } from '../../testing/reference.js';
import { LAYER_CASES } from '../../testing/layer-cases.js';
import { conv2d } from '../../../layers/conv2d.js';
import { operationDraft } from '../../../layers/operation.js';
import { globalAveragePooling2d } from '../../../layers/pooling.js';
import { reshape } from '../../../layers/reshaping.js';
import { withHead } from '../../../models/head.js';
import { NetBuilder } from '../../../models/net-builder.js';
import { buildNet } from '../../../models/nets.js';
import { encodeModel } from '../../../onnx/encode.js';
import { writeTflite } from '../write-tflite.js';
import { readTflite } from './read-tflite.js';

/** Answers of the same bytes in LiteRT and, read, in ONNX Runtime. */
async function both(bytes: Uint8Array, x: Tensor) {
  const graph = readTflite(bytes, 'm.tflite');
  const [input, output] = [graph.inputs[0]!.name, graph.outputs[0]!.name];
  const found = (await runOnnx(encodeModel(graph), x, input)).data as Float32Array;
  const { outputs } = await runLiteRt(bytes, { [input]: x });
  return { found, expected: outputs[output]!.data };
}

describe('readTflite', () => {
  it.each(LAYER_CASES)('computes in ONNX Runtime what LiteRT computes: $name', async ({ graph }) => {
    const model = drawnModel(graph);
    for (const precision of ['float32', 'float16'] as const) {
      const { found, expected } = await both(
        writeTflite(model, { batch: 2, precision }),
        drawnInput([2, 9, 8, 4]),
      );
      const { worst, largest } = compare(found, expected);
      // Of the largest output: some hundred roundings of float32.
      expect(worst).toBeLessThan(1e-5 * Math.max(1, largest));
    }
  });

  it('reads raw pictures and the resize inside', async () => {
    const backbone = buildNet('mobileNetV3Small', { inputShape: [64, 64, 3] });
    const model = drawnModel(
      withHead(backbone, { classes: 5, kind: 'light' }),
      recordOf(64, { sourceSize: [48, 40] }),
    );
    const data = Uint8Array.from({ length: 3 * 48 * 40 * 3 }, (_, i) => (i * 7919) % 256);
    const picture = { dtype: 'uint8', shape: [3, 48, 40, 3], data } as const;
    const bytes = writeTflite(model, { input: 'image', batch: 3, softmax: true });
    const { found, expected } = await both(bytes, picture);
    expect(compare(found, expected).worst).toBeLessThan(1e-5);
  });

  it('takes another number of pictures than the file', async () => {
    const net = new NetBuilder();
    const pooled = net.add(globalAveragePooling2d(), net.input([9, 8, 4]), 'pool');
    const pixel = net.add(
      conv2d({ filters: 3, kernelSize: 1 }),
      net.add(reshape([1, 1, 4]), pooled, 'pixel'),
      'conv',
    );
    // A constant of one element, whose shape looks like that of one picture.
    const graph = net.build('small', [
      net.add(operationDraft('TrueDivide', { value: 2, side: 'right' }), pixel, 'ratio'),
    ]);
    const bytes = writeTflite(drawnModel(graph), { batch: 1 });
    const read = readTflite(bytes, 'm.tflite', { batch: 3 });
    const x = drawnInput([3, 9, 8, 4]);
    const found = (await runOnnx(encodeModel(read), x)).data as Float32Array;
    for (let i = 0; i < 3; i++) {
      const picture = { ...x, shape: [1, 9, 8, 4], data: x.data.slice(i * 288, (i + 1) * 288) };
      const { outputs } = await runLiteRt(bytes, { input_layer: picture });
      const { data } = Object.values(outputs)[0]!;
      expect(compare(found.subarray(i * data.length, (i + 1) * data.length), data).worst).toBeLessThan(1e-5);
    }
  });
});
