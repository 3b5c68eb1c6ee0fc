import type { Preprocessing } from '../../core/preprocessing.js';
import { createRandom } from '../../core/random.js';
import { float32, type Shape, type Tensor } from '../../core/tensor.js';
import { activation, relu } from '../../layers/activation.js';
import { batchNormalization } from '../../layers/batch-normalization.js';
import { conv2d } from '../../layers/conv2d.js';
import { dense } from '../../layers/dense.js';
import { depthwiseConv2d } from '../../layers/depthwise-conv2d.js';
import { dropout } from '../../layers/dropout.js';
import { add, multiply } from '../../layers/merging.js';
import { globalAveragePooling2d } from '../../layers/pooling.js';
import { packFlat } from '../../models/flat.js';
import type { LayerGraph } from '../../models/layer-graph.js';
import type { Weights } from '../../models/model.js';
import { NetBuilder } from '../../models/net-builder.js';
import type { StepOptions, TrainingStep } from '../step.js';

/** Pictures per batch. */
export const N = 16;
const SIDE = 12;
const CLASSES = 3;
/** λ of the last kernel. */
export const L2 = 0.01;

/** Stem, depthwise block with squeeze and excite, residual, head: every kind of layer that trains. */
export function smallNet(l2 = L2): LayerGraph {
  const net = new NetBuilder();
  const norm = () => batchNormalization({ momentum: 0.9 });
  const pointwise = (filters: number) => conv2d({ filters, kernelSize: 1 });
  let x = net.add(
    conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', useBias: false }),
    net.input([SIDE, SIDE, 3]),
    'stem',
  );
  const stem = net.add(activation('hard_silu'), net.add(norm(), x, 'stem_bn'), 'stem_act');
  x = net.add(depthwiseConv2d({ kernelSize: 3, padding: 'same', useBias: false }), stem, 'dw');
  x = net.add(relu(), net.add(norm(), x, 'dw_bn'), 'dw_act');
  const squeezed = net.add(pointwise(2), net.add(globalAveragePooling2d({ keepdims: true }), x), 'se_1');
  const gate = net.add(activation('hard_sigmoid'), net.add(pointwise(4), net.add(relu(), squeezed), 'se_2'));
  x = net.add(pointwise(4), net.add(multiply(), [x, gate]), 'project');
  x = net.add(add(), [stem, net.add(norm(), x, 'project_bn')], 'sum');
  x = net.add(dropout(0.25), net.add(globalAveragePooling2d(), x), 'drop');
  return net.build('small', [net.add(dense({ units: CLASSES, kernelL2: l2 }), x, 'logits')]);
}

const preprocessing: Preprocessing = {
  version: 1,
  sourceSize: [8, 8],
  inputSize: [SIDE, SIDE],
  channels: 3,
  colour: 'grey',
  interpolation: 'bicubic',
  antialias: true,
  scale: 1 / 255,
  mean: [0.5, 0.4, 0.6],
  std: [0.2, 0.3, 0.25],
  cropMargin: 0,
};

/** Options of a step on grey pictures of 8×8 pixels. */
export function optionsOf(graph: LayerGraph, weights: Weights, more: Partial<StepOptions> = {}): StepOptions {
  return {
    graph,
    weights,
    preprocessing,
    batchSize: N,
    pictureShape: [1, 8, 8],
    loss: { name: 'focal', gamma: 0.5, labelSmoothing: 0.1 },
    optimizer: { name: 'adam' },
    ...more,
  };
}

/** Grey pictures whose bright half tells the class. */
function batch(): Record<'x' | 'y' | 'weight', Tensor> {
  const random = createRandom(8);
  const x = new Float32Array(N * 64);
  const y = new Float32Array(N * CLASSES);
  for (let n = 0; n < N; n++) {
    y[n * CLASSES + (n % CLASSES)] = 1;
    for (let i = 0; i < 64; i++) {
      const bright = [i % 8 < 4, i < 32, i % 8 >= 4][n % CLASSES] === true;
      x[n * 64 + i] = (bright ? 150 : 60) + 20 * random.normal();
    }
  }
  return {
    x: float32(x, [N, 1, 8, 8]),
    y: float32(y, [N, CLASSES]),
    weight: float32(new Float32Array(N).fill(1), [N]),
  };
}

/** Feeds of a first step: no dropout unless masks are given. */
export function feedsOf(step: TrainingStep, weights: Weights, learningRate = 0.01): Record<string, Tensor> {
  const filled = (shape: Shape, value: number) =>
    float32(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value), shape);
  const scalars = step.optimizer.scalarsAt(1, learningRate);
  const feeds: Record<string, Tensor> = { ...batch() };
  for (const { name, shape } of step.graph.inputs) feeds[name] ??= filled(shape, 0);
  for (const { name, shape } of step.dropout) feeds[name] = filled(shape, 1);
  step.optimizer.scalars.forEach((name, i) => (feeds[name] = filled([], scalars[i] ?? 0)));
  feeds['parameters'] = float32(packFlat(step.parameters, weights), [step.parameters.size]);
  const statistics = packFlat(step.statistics, weights);
  if (statistics.length > 0) feeds['statistics'] = float32(statistics, [statistics.length]);
  return feeds;
}
