import type { Preprocessing } from '../../src/core/preprocessing.js';
import { createRandom } from '../../src/core/random.js';
import { float32, sizeOf, type Tensor } from '../../src/core/tensor.js';
import type { KernelSet } from '../../src/lower/kernels.js';
import { lowerGraph } from '../../src/lower/lower.js';
import { packFlat, unpackFlat } from '../../src/models/flat.js';
import { withHead } from '../../src/models/head.js';
import type { LayerGraph } from '../../src/models/layer-graph.js';
import { initialWeights, type Weights } from '../../src/models/model.js';
import type { PaddingRule } from '../../src/models/net-options.js';
import { buildNet, type NetName } from '../../src/models/nets.js';
import { untrainedRecord } from '../../src/models/weights/records.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { ortNode } from '../../src/runtime/node/ort.js';
import { buildTrainingStep } from '../../src/train/step.js';
import { applyTrainable, type TrainableRule } from '../../src/train/trainable.js';
import type { OracleBatch, OracleGradients } from './oracle.js';

export const N = 16;
export const SIDE = 64;
const CLASSES = 5;

/** Which net is differentiated, and what of it trains. */
export interface Subject {
  readonly net: NetName;
  readonly padding: PaddingRule;
  readonly rule: TrainableRule;
}

/** The net with the reference head. */
export function netOf({ net, padding, rule }: Subject): LayerGraph {
  const weights = { padding, epsilon: untrainedRecord(net).epsilon };
  const backbone = buildNet(net, { inputShape: [SIDE, SIDE, 3], weights });
  const graph = withHead(backbone, { classes: CLASSES, l2: 0 });
  applyTrainable(graph, 'head_pool', rule);
  return graph;
}

/** First values, with scales and shifts moved away from 1 and 0, where errors would hide. */
function weightsOf(graph: LayerGraph): Weights {
  const random = createRandom(5);
  const weights = initialWeights(graph, createRandom(1));
  for (const [key, values] of weights) {
    if (/gamma|beta/.test(key)) values.forEach((w, i) => (values[i] = w + random.normal() * 0.1));
  }
  return weights;
}

/** Pictures of noise, labels in turn. */
export function batchOf(): OracleBatch {
  const random = createRandom(6);
  const x = Float32Array.from({ length: N * SIDE * SIDE * 3 }, () => random.normal() * 0.5);
  const y = Float32Array.from({ length: N * CLASSES }, (_, i) =>
    Math.floor(i / CLASSES) % CLASSES === i % CLASSES ? 1 : 0,
  );
  return { x, y, xShape: [N, SIDE, SIDE, 3], yShape: [N, CLASSES] };
}

/** Pictures as they are. */
const untouched: Preprocessing = {
  version: 1,
  sourceSize: [SIDE, SIDE],
  inputSize: [SIDE, SIDE],
  channels: 3,
  colour: 'rgb',
  interpolation: 'bicubic',
  antialias: true,
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  cropMargin: 0,
};

/** One training step in ONNX Runtime: loss, and gradients and next statistics by weight key in Keras layout. */
export async function ownStep(graph: LayerGraph, weights: Weights, batch: OracleBatch, kernels: KernelSet) {
  const step = buildTrainingStep({
    graph,
    weights,
    preprocessing: untouched,
    batchSize: N,
    pictureShape: [3, SIDE, SIDE],
    loss: { name: 'categoricalCrossentropy' },
    optimizer: { name: 'sgd' },
    batchNormMomentum: 0,
    exposeGradient: true,
  });
  const session = await ortNode().createSession(encodeModel(lowerGraph(step.graph, kernels)));
  // Ones serve for sample weights, for the masks of dropout, and for statistics that momentum 0 forgets.
  const feeds: Record<string, Tensor> = Object.fromEntries(
    step.graph.inputs.map(({ name, shape }) => [
      name,
      float32(new Float32Array(sizeOf(shape)).fill(1), shape),
    ]),
  );
  feeds['x'] = float32(channelsFirst(batch.x), [N, 3, SIDE, SIDE]);
  feeds['y'] = float32(batch.y, [N, CLASSES]);
  feeds['parameters'] = float32(packFlat(step.parameters, weights), [step.parameters.size]);
  const results = await session.run(feeds);
  await session.close();
  const gradients: Weights = new Map();
  const statistics: Weights = new Map();
  unpackFlat(step.parameters, results['gradient']!.data as Float32Array, gradients);
  unpackFlat(step.statistics, results['next_statistics']!.data as Float32Array, statistics);
  return { loss: Number(results['loss']!.data[0]), gradients, statistics };
}

/**
 * Weights whose moving statistics are those of the batch, as after training: with arbitrary ones, frozen norms
 * let activations die out, and the head's norm would blow up nothing but rounding.
 */
export async function calibrated(subject: Subject, batch: OracleBatch): Promise<Weights> {
  const graph = netOf({ ...subject, rule: { layers: 'all', batchNorm: 'trainable' } });
  const weights = weightsOf(graph);
  const { statistics } = await ownStep(graph, weights, batch, { kind: 'portable' });
  return new Map([...weights, ...statistics]);
}

function channelsFirst(x: Float32Array): Float32Array {
  const pixels = SIDE * SIDE;
  return x.map((_, i) => {
    const [n, c, p] = [Math.floor(i / (3 * pixels)), Math.floor(i / pixels) % 3, i % pixels];
    return x[(n * pixels + p) * 3 + c]!;
  });
}

/** How far gradients are off. */
export interface Errors {
  /** Relative error of each tensor, sorted, worst first. */
  readonly relative: readonly (readonly [number, string])[];
  /** Worst error of gradients that are zero by their nature, relative to the largest of all gradients. */
  readonly zeros: number;
}

const magnitude = (values: ArrayLike<number>) =>
  Array.from(values).reduce((max, g) => Math.max(max, Math.abs(g)), 0);

/** Compares gradients tensor by tensor. */
export function errorsOf(own: Weights, { gradients }: OracleGradients): Errors {
  const largest = Math.max(...[...gradients.values()].map(magnitude));
  const relative: (readonly [number, string])[] = [];
  let zeros = 0;
  for (const [key, values] of own) {
    const expected = gradients.get(key)!;
    const error = magnitude(values.map((g, i) => g - expected[i]!));
    // What stands before a batch norm and only shifts it has no influence on the loss.
    if (magnitude(expected) < 1e-9 * largest) zeros = Math.max(zeros, error / largest);
    else relative.push([error / magnitude(expected), key]);
  }
  return { relative: relative.sort(([a], [b]) => b - a), zeros };
}
