import { describe, expect, it } from 'vitest';

import { activation, relu } from '../../layers/activation.js';
import { batchNormalization } from '../../layers/batch-normalization.js';
import { conv2d } from '../../layers/conv2d.js';
import { defineLayer, onlyOf } from '../../layers/define.js';
import { dense } from '../../layers/dense.js';
import { depthwiseConv2d } from '../../layers/depthwise-conv2d.js';
import { concatenate } from '../../layers/merging.js';
import { zeroPadding2d } from '../../layers/padding.js';
import { globalAveragePooling2d } from '../../layers/pooling.js';
import { SUPPORTED_LAYERS } from '../../layers/registry.js';
import { withHead } from '../../models/head.js';
import { mobileNetV3Small } from '../../models/mobilenet-v3-small.js';
import { NetBuilder, type Feature } from '../../models/net-builder.js';
import { drawnModel, recordOf } from '../testing/models.js';
import { buildProgram, type ProgramOptions } from './build-program.js';
import { EXPORTED_LAYERS } from './layer-steps.js';
import type { Program } from './program.js';

const OPTIONS: ProgramOptions = {
  batch: 1,
  input: 'normalized',
  pictures: 'source',
  softmax: false,
  hardSigmoid: 'step',
  names: {},
};

const summary = ({ steps }: Program) =>
  steps.map(({ kind, name, output, activation: fused }) => `${kind} ${name} → ${output} ${fused}`);

function programOf(body: (x: Feature) => Feature | Feature[], options: Partial<ProgramOptions> = {}) {
  const net = new NetBuilder();
  const outputs = body(net.input([8, 8, 3]));
  const graph = net.build('small', Array.isArray(outputs) ? outputs : [outputs]);
  return buildProgram(drawnModel(graph, recordOf(8)), { ...OPTIONS, ...options });
}

describe('buildProgram', () => {
  it('covers every layer that Mien knows', () => {
    const known = SUPPORTED_LAYERS.filter((name) => name !== 'InputLayer');
    expect(EXPORTED_LAYERS).toEqual(expect.arrayContaining(known));
  });

  it('folds batch norms back into convolutions and fuses ReLU and padding', () => {
    const program = programOf((x) => {
      const padded = x.net.add(
        zeroPadding2d([
          [1, 1],
          [1, 1],
        ]),
        x,
        'pad',
      );
      const y = x.net.add(conv2d({ filters: 4, kernelSize: 3, strides: 2, useBias: false }), padded, 'conv');
      return x.net.add(relu({ maxValue: 6 }), x.net.add(batchNormalization(), y, 'norm'), 'active');
    });
    expect(summary(program)).toEqual(['conv conv → active relu6']);
    expect(program.steps[0]).toMatchObject({ inputs: ['input_layer'], window: { pads: [1, 1, 1, 1] } });
  });

  it('folds a batch norm forward where none is before it, but never past padding or another reader', () => {
    const forward = programOf((x) => {
      const pooled = x.net.add(globalAveragePooling2d(), x, 'pool');
      return x.net.add(dense({ units: 2 }), x.net.add(batchNormalization(), pooled, 'norm'), 'logits');
    });
    expect(summary(forward)).toEqual(['globalAverage pool → pool none', 'dense logits → logits none']);
    const padded = programOf((x) => {
      const y = x.net.add(batchNormalization(), x, 'norm');
      return x.net.add(depthwiseConv2d({ kernelSize: 3, padding: 'same' }), y, 'spread');
    });
    expect(summary(padded)).toEqual(['affine norm → norm none', 'depthwise spread → spread none']);
    const dense121 = programOf((x) => {
      const y = x.net.add(relu(), x.net.add(batchNormalization(), x, 'norm'), 'active');
      return x.net.add(
        concatenate(),
        [x, x.net.add(conv2d({ filters: 2, kernelSize: 1 }), y, 'grow')],
        'all',
      );
    });
    expect(summary(dense121)).toEqual([
      'affine norm → active relu',
      'conv grow → grow none',
      'concat all → all none',
    ]);
  });

  it('keeps a value that is read twice, or that leaves the model', () => {
    const program = programOf((x) => {
      const y = x.net.add(conv2d({ filters: 2, kernelSize: 1 }), x, 'conv');
      return [y, x.net.add(relu(), y, 'active')];
    });
    expect(summary(program)).toEqual(['conv conv → conv none', 'unary active → active none']);
  });

  it('has one step for a hard sigmoid, and none for dropout or batch norms', () => {
    const graph = withHead(mobileNetV3Small({ inputShape: [32, 32, 3] }), { classes: 5 });
    const { steps, outputs } = buildProgram(drawnModel(graph), OPTIONS);
    const kinds = new Set(steps.map(({ kind }) => kind));
    expect(kinds).toEqual(
      new Set(['conv', 'unary', 'depthwise', 'globalAverage', 'multiply', 'add', 'dense']),
    );
    const gates = steps.filter((step) => step.kind === 'unary' && step.function === 'hardSigmoid');
    expect(gates.length).toBe(9);
    expect(outputs).toEqual([{ name: 'logits', value: 'logits' }]);
  });

  it('spells hard sigmoids out and hides their arithmetic in convolutions', () => {
    const graph = withHead(mobileNetV3Small({ inputShape: [32, 32, 3] }), { classes: 5 });
    const { steps } = buildProgram(drawnModel(graph), { ...OPTIONS, hardSigmoid: 'arithmetic' });
    expect(steps.filter(({ kind }) => kind === 'affine')).toEqual([]);
    const gates = steps.filter(({ activation: fused }) => fused === 'relu6');
    expect(gates.map(({ kind }) => kind)).toEqual(Array.from({ length: 9 }, () => 'conv'));
    const alone = programOf((x) => x.net.add(activation('hard_sigmoid'), x, 'gate'), {
      hardSigmoid: 'arithmetic',
    });
    expect(summary(alone)).toEqual(['affine gate/shifted → gate/bounded relu6', 'affine gate → gate none']);
  });

  it('brings raw pictures to the input, luma first', () => {
    const net = new NetBuilder();
    const graph = net.build('grey', [net.add(activation('relu'), net.input([8, 8, 3]), 'active')]);
    const model = drawnModel(graph, recordOf(8, { sourceSize: [4, 4] }));
    const program = buildProgram(model, { ...OPTIONS, input: 'image' });
    expect(summary(program)).toEqual([
      'pixels image/pixels → image/pixels none',
      'conv image/grey → image/grey none',
      'resample image/resize → image/resize none',
      'conv image/normalize → active relu',
    ]);
    expect(program.values.get('image')).toEqual({ dtype: 'uint8', shape: [1, 4, 4, 3] });
    const whole = buildProgram(model, { ...OPTIONS, input: 'image', pictures: 'input' });
    expect(whole.values.get('image')?.shape).toEqual([1, 8, 8, 3]);
    expect(summary(whole).some((line) => line.startsWith('resample'))).toBe(false);
  });

  it('refuses layers that it does not know, and a softmax for several outputs', () => {
    const Strange = defineLayer<null>({
      className: 'Strange',
      read: () => null,
      write: () => ({}),
      outputShape: (_, inputs, where) => onlyOf(where, inputs),
      call: (_, { x }) => x,
    });
    expect(() => programOf((x) => x.net.add(Strange.draft(null), x, 'odd'))).toThrow(
      'export of layer "odd": received the class Strange, expected one of Activation, Add, ',
    );
    const two = (x: Feature) => [x.net.add(relu(), x, 'a'), x.net.add(activation('tanh'), x, 'b')];
    expect(() => programOf(two, { softmax: true })).toThrow(
      'export of "small": received softmax for 2 outputs, expected one output.',
    );
  });
});
