import { describe, expect, it } from 'vitest';

import { activation, relu } from '../../layers/activation.js';
import { batchNormalization } from '../../layers/batch-normalization.js';
import { conv2d } from '../../layers/conv2d.js';
import { dense } from '../../layers/dense.js';
import { depthwiseConv2d } from '../../layers/depthwise-conv2d.js';
import { add, concatenate, multiply } from '../../layers/merging.js';
import { averagePooling2d, globalAveragePooling2d, maxPooling2d } from '../../layers/pooling.js';
import type { Json } from '../../layers/json.js';
import type { LayerGraph } from '../../models/layer-graph.js';
import type { Model } from '../../models/model.js';
import { NetBuilder } from '../../models/net-builder.js';
import { float32, sizeOf } from '../../core/tensor.js';
import { ortNode } from '../../runtime/node/ort.js';
import { runLiteRt } from '../testing/litert.js';
import { drawnModel, recordOf } from '../testing/models.js';
import { channelsFirst, drawnInput, runOnnx } from '../testing/reference.js';
import { settled } from '../testing/settle.js';
import { quantizedTfliteProgram } from '../tflite/quantized-tflite.js';
import type { PictureSource } from './engine.js';
import { calibrationRecord, readCalibrationRecord, restoreQuantized } from './calibration-record.js';
import { equalizeProgram } from './equalize.js';
import { floatOutputs, noiseByStep, quantizedOutputs } from './measure.js';
import { observeProgram } from './observe.js';
import { programOf, quantizeModel } from './quantize-model.js';
import { quantizeProgram } from './quantize-program.js';
import { isWeighted } from './quantized-program.js';
import { sensitiveSteps } from './sensitivity.js';
import { splitSwishes } from './split-swish.js';
import { writeQuantizedOnnx, writeQuantizedTflite } from './write-quantized.js';

const BATCH = 8;

/** Every kind of operator that MobileNetV3, DenseNet and NASNet quantize, in a small net. */
function smallNet(): LayerGraph {
  const net = new NetBuilder();
  const conv = (filters: number, kernelSize = 1) =>
    conv2d({ filters, kernelSize, padding: 'same', useBias: false });
  let x = net.add(conv(8, 3), net.input([12, 12, 3]), 'stem');
  x = net.add(activation('hard_silu'), net.add(batchNormalization(), x), 'stem_active');
  const deep = net.add(depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same' }), x, 'deep');
  const y = net.add(relu(), net.add(batchNormalization(), deep));
  const squeezed = net.add(globalAveragePooling2d({ keepdims: true }), y);
  const gate = net.add(activation('hard_sigmoid'), net.add(conv(8), squeezed, 'gate'));
  const excited = net.add(multiply(), [y, gate], 'excited');
  const project = net.add(conv(8), excited, 'project');
  const sum = net.add(add(), [net.add(averagePooling2d({ poolSize: 2 }), x), project], 'sum');
  const joined = net.add(concatenate(), [sum, net.add(conv(4), sum, 'branch')], 'joined');
  const normal = net.add(relu(), net.add(batchNormalization(), joined, 'pre_norm'));
  const pooled = net.add(globalAveragePooling2d(), net.add(maxPooling2d({ poolSize: 2 }), normal));
  return net.build('small', [net.add(dense({ units: 4 }), pooled, 'logits')]);
}

function sourceOf(count: number, seed: number): PictureSource {
  const batches = Array.from({ length: count }, (_, i) =>
    channelsFirst(drawnInput([BATCH, 12, 12, 3], seed + i)),
  );
  const [first = float32([], [0])] = batches;
  return { count, batchSize: BATCH, batch: (i) => Promise.resolve(batches[i] ?? first) };
}

const calibration = sourceOf(8, 1);
const held = sourceOf(2, 101);
const engine = ortNode();

/** The small net with a stem whose channels differ a thousandfold, as MobileNetV3's do. */
async function unevenModel(): Promise<Model> {
  const x = drawnInput([32, 12, 12, 3], 3);
  const model = await settled(drawnModel(smallNet(), recordOf(12)), x);
  const gamma = model.weights.get('batch_normalization/gamma')!;
  gamma[2] = 300;
  const kernel = model.weights.get('deep/depthwise_kernel') ?? model.weights.get('deep/kernel')!;
  for (let tap = 0; tap < 9; tap++) kernel[tap * 8 + 2]! /= 300;
  return model;
}

const snr = (found: ArrayLike<number>, exact: ArrayLike<number>) => {
  let [signal, noise] = [0, 0];
  for (let i = 0; i < exact.length; i++) {
    signal += exact[i]! ** 2;
    noise += (found[i]! - exact[i]!) ** 2;
  }
  return 10 * Math.log10(signal / noise);
};

/** An engine, and a source, that count what they are asked for. */
function counted() {
  const counts = { sessions: 0, batches: 0 };
  const createSession = (bytes: Uint8Array) => {
    counts.sessions++;
    return engine.createSession(bytes);
  };
  const batch = (index: number) => {
    counts.batches++;
    return held.batch(index);
  };
  return { counts, engine: { createSession }, source: { ...held, batch } };
}

describe('measuring', () => {
  it('compiles each graph once and makes each batch once', async () => {
    const program = programOf(await unevenModel(), BATCH);
    const seen = counted();
    const statistics = await observeProgram(seen.engine, program, seen.source);
    expect(seen.counts).toEqual({ sessions: 1, batches: held.count });
    const pictures = [(await held.batch(0)).data, (await held.batch(1)).data].map((data) => [...data]);
    expect(statistics.get('input_layer')!.histogram.max).toBe(Math.max(...pictures.flat()));
    const noisy = counted();
    await noiseByStep(noisy.engine, quantizeProgram(program, { statistics }), noisy.source);
    expect(noisy.counts).toEqual({ sessions: 2, batches: held.count });
  });
});

describe('equalization', () => {
  it('leaves the function as it is, and brings the channels of the stem nearer to one size', async () => {
    const model = await unevenModel();
    const program = programOf(model, BATCH);
    const before = await observeProgram(engine, program, calibration);
    const split = splitSwishes(program, before);
    expect(split.factors).toHaveLength(1);
    const sizes = await observeProgram(engine, split.program, calibration);
    const { program: equalized } = equalizeProgram(split.program, sizes);
    const [exact, found] = [
      await floatOutputs(engine, program, held),
      await floatOutputs(engine, equalized, held),
    ];
    expect(snr(found.values, exact.values)).toBeGreaterThan(90);
    const after = await observeProgram(engine, equalized, calibration);
    const spread = (name: string, values: typeof before) => {
      const largest = Array.from(values.get(name)!.largest);
      return Math.max(...largest) / Math.min(...largest);
    };
    expect(spread('stem_active', sizes)).toBeGreaterThan(30);
    expect(spread('stem_active', after)).toBeLessThan(10);
  });
});

describe('quantizeModel', () => {
  it('finds repairs that help, and is the same in ONNX Runtime and LiteRT', async () => {
    const model = await unevenModel();
    const { quantized, trials, taken } = await quantizeModel(model, { engine, calibration, held });
    const snrOf = (name: string) => trials.find((trial) => trial.name === name)!.snr;
    expect(taken).toMatch(/^equalization/);
    expect(snrOf('equalization, bias correction')).toBeGreaterThan(snrOf('plain') + 1);
    const x = drawnInput([1, 12, 12, 3], 77);
    const exact = await floatOutputs(engine, programOf(model, 1), {
      count: 1,
      batchSize: 1,
      batch: () => Promise.resolve(channelsFirst(x)),
    });
    const onnx = await runOnnx(writeQuantizedOnnx(model, quantized), channelsFirst(x), 'input_layer');
    const bytes = writeQuantizedTflite(model, quantized);
    const { outputs } = await runLiteRt(bytes, { input_layer: x });
    expect(snr(onnx.data as Float32Array, exact.values)).toBeGreaterThan(20);
    expect(snr(outputs['logits']!.data, exact.values)).toBeGreaterThan(20);
  });

  it('is made again from its record, number by number', async () => {
    const model = await unevenModel();
    const result = await quantizeModel(model, { engine, calibration, held });
    const about = { weights: '0'.repeat(64), source: 'drawn pictures' };
    const corrected = { ...result, taken: 'x' };
    const text = JSON.stringify(calibrationRecord(corrected, about));
    const record = readCalibrationRecord('record', JSON.parse(text) as Json);
    const restored = restoreQuantized(model, record);
    expect(record).toMatchObject({ ...about, split: ['batch_normalization'] });
    expect(writeQuantizedTflite(model, restored)).toEqual(writeQuantizedTflite(model, result.quantized));
    expect(writeQuantizedOnnx(model, restored)).toEqual(writeQuantizedOnnx(model, result.quantized));
    const { logits: _, ...fewer } = record.ranges;
    expect(() => restoreQuantized(model, { ...record, ranges: fewer })).toThrow(
      '8-bit ranges of "small": received none for "logits", expected one for every layer.',
    );
    expect(() => readCalibrationRecord('record', { ...JSON.parse(text), version: 2 } as Json)).toThrow(
      'record: received format "mien-int8", version 2, expected a whole record of mien-int8 version 1.',
    );
  });

  it('takes and gives integers in the forms that the file names', async () => {
    const model = await unevenModel();
    const { quantized } = await quantizeModel(model, { engine, calibration, held });
    const x = drawnInput([1, 12, 12, 3], 78);
    const floats = await runLiteRt(writeQuantizedTflite(model, quantized), { input_layer: x });
    const form = quantized.values.get('input_layer')!;
    const output = quantized.values.get('logits')!;
    const stored = (type: 'int8' | 'uint8') =>
      writeQuantizedTflite(model, quantized, { inputType: type, outputType: type });
    const data = Uint8Array.from(x.data, (value) => {
      const number = Math.round(value / form.scale) + form.zeroPoint;
      return Math.min(127, Math.max(-128, number)) + 128;
    });
    const { outputs } = await runLiteRt(stored('uint8'), {
      input_layer: { dtype: 'uint8', shape: x.shape, data },
    });
    const found = outputs['logits']!.data.map((value) => (value - 128 - output.zeroPoint) * output.scale);
    found.forEach((value, i) => expect(value).toBeCloseTo(floats.outputs['logits']!.data[i]!, 5));
    // LiteRT for the web has no int8 at the ends; the file is that of uint8 without its conversions.
    const described = quantizedTfliteProgram(quantized, { inputType: 'int8', outputType: 'int8' });
    const typeOf = (entry: { tensor: number } | undefined) => described.tensors[entry?.tensor ?? -1]?.type;
    expect([typeOf(described.inputs[0]), typeOf(described.outputs[0])]).toEqual(['int8', 'int8']);
    expect(described.operators.map(({ name }) => name)).not.toContain('QUANTIZE');
  });

  it('gives integers for probabilities, and for no other output that stays in float32', async () => {
    const model = await unevenModel();
    const program = programOf(model, BATCH);
    const statistics = await observeProgram(engine, program, calibration);
    const keep = new Map([['logits', 'test']]);
    const kept = quantizeProgram(programOf(model, 1), { statistics, keep });
    expect(() => writeQuantizedTflite(model, kept, { outputType: 'int8' })).toThrow(
      'TFLite export: received int8 for the output "logits", which stays in float32, expected float32.',
    );
    const x = drawnInput([1, 12, 12, 3], 80);
    const tempered = { ...model, calibration: { temperature: 2 } };
    const ends = { softmax: true, outputType: 'uint8' } as const;
    const { outputs } = await runLiteRt(writeQuantizedTflite(tempered, kept, ends), { input_layer: x });
    const logits = await runLiteRt(writeQuantizedTflite(model, kept), { input_layer: x });
    const powers = Array.from(logits.outputs['logits']!.data, (value) => Math.exp(value / 2));
    const total = powers.reduce((sum, power) => sum + power);
    const found = outputs['probabilities']!.data;
    powers.forEach((power, i) => expect(Math.abs(found[i]! / 256 - power / total)).toBeLessThan(0.01));
  });

  it('keeps sensitive steps in float32 where it must, and names them', async () => {
    const model = await unevenModel();
    const result = await quantizeModel(model, { engine, calibration, held, repairs: [], leastSnr: 60 });
    const { quantized, trials } = result;
    expect(quantized.kept.size).toBeGreaterThan(0);
    expect([...quantized.kept.values()][0]).toMatch(/^alone in eight bits it leaves -?\d+\.\d dB/);
    expect(trials.at(-1)!.snr).toBeGreaterThan(trials[0]!.snr);
    const x = drawnInput([1, 12, 12, 3], 79);
    const onnx = await runOnnx(writeQuantizedOnnx(model, quantized), channelsFirst(x), 'input_layer');
    const { outputs } = await runLiteRt(writeQuantizedTflite(model, quantized), { input_layer: x });
    expect(snr(outputs['logits']!.data, onnx.data as Float32Array)).toBeGreaterThan(20);
    const plain = await quantizeModel(model, { engine, calibration, held, repairs: [] });
    const ranked = await sensitiveSteps(engine, plain.quantized, held);
    expect(ranked.map(({ snr: value }) => value)).toEqual(
      [...ranked.map(({ snr: value }) => value)].sort((a, b) => a - b),
    );
  });

  it('keeps weights in float32 where ONNX Runtime would quantize them itself', async () => {
    const model = await unevenModel();
    const program = programOf(model, BATCH);
    const statistics = await observeProgram(engine, program, calibration);
    const keep = new Map(program.steps.filter(isWeighted).map(({ name }) => [name, 'test']));
    const exact = await floatOutputs(engine, program, held);
    const found = await quantizedOutputs(engine, quantizeProgram(program, { statistics, keep }), held);
    const without = await quantizedOutputs(
      engine,
      { ...quantizeProgram(program, { statistics }), weights: new Map() },
      held,
    );
    expect(snr(found.values, exact.values)).toBeGreaterThan(snr(without.values, exact.values) + 6);
  });

  it('reads raw pictures and ends in probabilities on request', async () => {
    const model = await unevenModel();
    const { quantized } = await quantizeModel(model, { engine, calibration, held });
    const shape = [1, 12, 12, 3];
    const data = Uint8Array.from({ length: sizeOf(shape) }, (_, i) => (i * 7) % 256);
    const image = { dtype: 'uint8', shape, data } as const;
    const options = { input: 'image', softmax: true } as const;
    const onnx = await runOnnx(writeQuantizedOnnx(model, quantized, options), image, 'image');
    const { outputs } = await runLiteRt(writeQuantizedTflite(model, quantized, options), { image });
    const found = outputs['probabilities']!.data;
    expect(found.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
    found.forEach((value, i) => expect(Math.abs(value - Number(onnx.data[i]))).toBeLessThan(0.05));
  });

  it('stores weights within their bounds, biases in the product of scales', async () => {
    const model = await unevenModel();
    const { quantized } = await quantizeModel(model, { engine, calibration, held, repairs: [] });
    for (const step of quantized.program.steps.filter(isWeighted)) {
      const { kernel, scales, bias, biasScales } = quantized.weights.get(step.name)!;
      expect(Math.max(...kernel)).toBeLessThanOrEqual(127);
      expect(Math.min(...kernel)).toBeGreaterThanOrEqual(-127);
      const input = quantized.values.get(step.inputs[0]!)!.scale;
      scales.forEach((scale, i) => expect(biasScales[i]! / (scale * input)).toBeCloseTo(1, 5));
      bias.forEach((stored, i) => expect(stored).toBe(Math.round(step.bias[i]! / biasScales[i]!)));
    }
  });
});
