import { createRandom } from '../../src/core/random.js';
import { float32, sizeOf } from '../../src/core/tensor.js';
import { activation } from '../../src/layers/activation.js';
import type { KernelSet } from '../../src/lower/kernels.js';
import { lowerGraph } from '../../src/lower/lower.js';
import { packFlat, unpackFlat } from '../../src/models/flat.js';
import { withHead } from '../../src/models/head.js';
import type { LayerGraph } from '../../src/models/layer-graph.js';
import { initialWeights, type Weights } from '../../src/models/model.js';
import type { PaddingRule } from '../../src/models/net-options.js';
import { buildNet, type NetName } from '../../src/models/nets.js';
import { INPUTS, preprocessingOf, untrainedRecord } from '../../src/models/weights/records.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { evaluateGraph } from '../../src/ops/reference/evaluate.js';
import { ortNode } from '../../src/runtime/node/ort.js';
import { buildTrainingStep, type TrainingStep } from '../../src/train/step.js';
import { applyTrainable, type TrainableRule } from '../../src/train/trainable.js';
import type { OracleBatch, OracleGradients } from './oracle.js';

const CLASSES = 5;

/** Which net is differentiated, on which batch, and what of it trains. */
export interface Subject {
  readonly net: NetName;
  readonly padding: PaddingRule;
  readonly rule: TrainableRule;
  /** Pictures. */
  readonly n: number;
  /** Their height and width. */
  readonly side: number;
  /** With SiLU for every rectifier and hard swish; see {@link smoothed}. */
  readonly smooth?: boolean;
}

/** Layers that bend sharply. */
const BENT = ['relu', 'relu6', 'hard_silu'];

/**
 * The graph with SiLU in place of what bends sharply. Where a value lies within rounding of a bend, float32 and
 * float64 take different sides, and a derivative is 0 on one and 1 on the other; among millions of values some do.
 */
function smoothed(graph: LayerGraph): LayerGraph {
  const nodes = graph.nodes.map((node) => {
    const { className, name } = node.layer;
    const bent = className === 'ReLU' || BENT.some((kind) => node.layer.config()['activation'] === kind);
    return bent ? { ...node, layer: activation('silu').create(name) } : node;
  });
  return graph.with({ nodes });
}

/** The net with the reference head. */
export function netOf({ net, padding, rule, side, smooth }: Subject): LayerGraph {
  const weights = { padding, epsilon: untrainedRecord(net).epsilon };
  const backbone = buildNet(net, { inputShape: [side, side, 3], weights });
  const whole = withHead(backbone, { classes: CLASSES, l2: 0 });
  const graph = smooth === true ? smoothed(whole) : whole;
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
export function batchOf({ n, side }: Subject): OracleBatch {
  const random = createRandom(6);
  const x = Float32Array.from({ length: n * side * side * 3 }, () => random.normal() * 0.5);
  const y = Float32Array.from({ length: n * CLASSES }, (_, i) =>
    Math.floor(i / CLASSES) % CLASSES === i % CLASSES ? 1 : 0,
  );
  return { x, y, xShape: [n, side, side, 3], yShape: [n, CLASSES] };
}

/** Loss, and gradients and next statistics by weight key in Keras layout. */
export interface OwnStep {
  readonly loss: number;
  readonly gradients: Weights;
  readonly statistics: Weights;
}

/** What computes a step: kernels of ONNX Runtime, or the reference kernels in float64. */
export type Arithmetic = KernelSet | { readonly kind: 'float64' };

/** One training step. */
export async function ownStep(
  graph: LayerGraph,
  weights: Weights,
  batch: OracleBatch,
  arithmetic: Arithmetic,
): Promise<OwnStep> {
  const [n = 1, side = 1] = batch.xShape;
  const step = buildTrainingStep({
    graph,
    weights,
    // Pictures as they are.
    preprocessing: preprocessingOf(INPUTS['raw']!, { inputSize: [side, side] }),
    batchSize: n,
    pictureShape: [3, side, side],
    loss: { name: 'categoricalCrossentropy' },
    optimizer: { name: 'sgd' },
    batchNormMomentum: 0,
    exposeGradient: true,
  });
  const feeds = feedsOf(step, weights, batch);
  const results = await (arithmetic.kind === 'float64'
    ? inFloat64(step, feeds)
    : inOrt(step, feeds, arithmetic));
  const gradients: Weights = new Map();
  const statistics: Weights = new Map();
  unpackFlat(step.parameters, results['gradient']!, gradients);
  unpackFlat(step.statistics, results['next_statistics']!, statistics);
  return { loss: results['loss']![0]!, gradients, statistics };
}

/** Ones serve for sample weights, for the masks of dropout, and for statistics that momentum 0 forgets. */
function feedsOf({ graph, parameters }: TrainingStep, weights: Weights, batch: OracleBatch) {
  const ones = graph.inputs.map(
    ({ name, shape }) => [name, new Float32Array(sizeOf(shape)).fill(1)] as const,
  );
  return {
    ...Object.fromEntries(ones),
    x: channelsFirst(batch),
    y: batch.y,
    parameters: packFlat(parameters, weights),
  } as Readonly<Record<string, Float32Array>>;
}

async function inOrt(
  { graph }: TrainingStep,
  feeds: Readonly<Record<string, Float32Array>>,
  kernels: KernelSet,
): Promise<Record<string, Float32Array>> {
  const session = await ortNode().createSession(encodeModel(lowerGraph(graph, kernels)));
  const shaped = graph.inputs.map(({ name, shape }) => [name, float32(feeds[name]!, shape)] as const);
  const results = await session.run(Object.fromEntries(shaped));
  await session.close();
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, data as Float32Array] as const),
  );
}

/** The results are rounded to float32 only in the end, which is a relative 6e-8. */
function inFloat64({ graph }: TrainingStep, feeds: Readonly<Record<string, Float32Array>>) {
  const shaped = graph.inputs.map(
    ({ name, shape }) => [name, { shape: [...shape], data: Float64Array.from(feeds[name]!) }] as const,
  );
  const values = evaluateGraph(graph, Object.fromEntries(shaped));
  return Promise.resolve(
    Object.fromEntries(
      graph.outputs.map(({ name }) => [name, Float32Array.from(values.get(name)!.data)] as const),
    ) as Record<string, Float32Array>,
  );
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

function channelsFirst({ x, xShape }: OracleBatch): Float32Array {
  const [, height = 1, width = 1] = xShape;
  const pixels = height * width;
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
