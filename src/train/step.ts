import { GraphError } from '../core/errors.js';
import { float32, type Shape } from '../core/tensor.js';
import { gradients } from '../autodiff/gradients.js';
import { isTrainable } from '../layers/layer.js';
import { simplify } from '../lower/simplify.js';
import { flatLayout, type FlatLayout } from '../models/flat.js';
import { GraphBuilder } from '../onnx/builder.js';
import type { Graph, Value } from '../onnx/graph.js';
import { Emitter } from '../ops/emitter.js';
import { schemaOf } from '../ops/registry.js';
import { clipGradients, type ClipConfig } from './clipping.js';
import { forwardPass, type ForwardOptions, type ForwardPass } from './forward-pass.js';
import { learningRateFactors } from './layer-decay.js';
import { emitLoss, type LossConfig } from './losses.js';
import { optimizerOf, type OptimizerConfig, type OptimizerRule } from './optimizers/index.js';
import type { DropoutMask } from './step-context.js';

/** What a training step computes. */
export interface StepOptions extends ForwardOptions {
  readonly loss: LossConfig;
  readonly optimizer: OptimizerConfig;
  readonly clip?: ClipConfig;
  /** Keep an exponential moving average of the parameters. */
  readonly average?: boolean;
  /** Learning rates that shrink by `decay` with every step of depth away from the deepest layer. */
  readonly layerDecay?: { readonly decay: number; readonly depths: ReadonlyMap<string, number> };
  /** Adds an output `gradient` `[P]`, before clipping, for tests. */
  readonly exposeGradient?: boolean;
}

/**
 * One training step as a graph, in Mien's operators; lower it before running.
 *
 * Inputs: `x` `[N, C, h, w]`, `y` `[N, K]`, `weight` `[N]`, `parameters` `[P]`, one vector `[P]` per optimizer
 * slot, `statistics` `[S]`, `average` `[P]` and its `decay` when averaging, one scalar per optimizer scalar, one mask
 * per dropout.
 * Outputs: `loss`, `logits`, and `next_…` for every vector.
 */
export interface TrainingStep {
  readonly graph: Graph;
  readonly parameters: FlatLayout;
  /** Moving statistics of batch norms that train. */
  readonly statistics: FlatLayout;
  readonly dropout: readonly DropoutMask[];
  readonly optimizer: OptimizerRule;
  /** Names of the state vectors: optimizer slots, then `average`. */
  readonly stateNames: readonly string[];
}

/**
 * Emits forward pass, loss, backward pass, clipping, optimizer update and moving averages as one graph.
 *
 * @throws GraphError when nothing is trainable
 */
export function buildTrainingStep(options: StepOptions): TrainingStep {
  const slots = options.graph.weightSlots;
  const parameters = flatLayout(slots.filter(({ layer, spec }) => isTrainable(layer, spec)));
  if (parameters.size === 0) {
    throw new GraphError({
      where: 'training step',
      received: 'a wholly frozen model',
      expected: 'a trainable layer',
    });
  }
  const pass = forwardPass(options, parameters);
  const builder = GraphBuilder.resume(simplify(pass.graph), schemaOf);
  const rule = optimizerOf(options.optimizer);
  return {
    graph: backwardPass(builder, options, parameters, pass, rule),
    parameters,
    statistics: pass.context.statistics,
    dropout: pass.context.dropout,
    optimizer: rule,
    stateNames: [...rule.slots, ...(options.average === true ? ['average'] : [])],
  };
}

function backwardPass(
  builder: GraphBuilder,
  options: StepOptions,
  layout: FlatLayout,
  { context, classes }: ForwardPass,
  rule: OptimizerRule,
): Graph {
  const o = new Emitter(builder);
  const { batchSize } = options;
  const labels = builder.input('y', 'float32', [batchSize, classes]);
  const sampleWeight = builder.input('weight', 'float32', [batchSize]);
  const logits = builder.value('logits');
  builder.expose(logits);
  const dataLoss = emitLoss(o, { logits, labels, sampleWeight }, options.loss);
  const variables = layout.entries.map(({ slot }) => builder.value(`w/${slot.key}`));
  const total = withPenalties(o, dataLoss, layout, variables);
  const grads = gradients(builder, total, variables);
  if (options.exposeGradient === true) builder.output('gradient', concatFlat(o, grads));
  builder.output('loss', total);
  const gradient = concatFlat(o, clipGradients(o, grads, options.clip));
  const outputs = update(o, options, layout, gradient, rule);
  context.nextStatistics(o);
  for (const [name, value] of outputs) builder.output(`next_${name}`, value);
  return builder.build();
}

function concatFlat(o: Emitter, values: readonly Value[]): Value {
  return o.concat(
    values.map((value) => o.reshape(value, [-1])),
    0,
  );
}

/** Adds λ·Σw² of every regularized weight (Keras's L2). */
function withPenalties(o: Emitter, loss: Value, layout: FlatLayout, variables: readonly Value[]): Value {
  return layout.entries.reduce((total, { slot }, i) => {
    const [variable, lambda] = [variables[i], slot.spec.l2];
    if (variable === undefined || lambda === undefined || lambda === 0) return total;
    const axes = variable.shape.map((_, axis) => axis);
    return o.add(total, o.mul(o.reduceSum(o.mul(variable, variable), axes, false), lambda));
  }, loss);
}

function update(
  o: Emitter,
  options: StepOptions,
  layout: FlatLayout,
  gradient: Value,
  rule: OptimizerRule,
): Map<string, Value> {
  const shape: Shape = [layout.size];
  const parameters = o.builder.value('parameters');
  const state = rule.slots.map((name) => o.builder.input(name, 'float32', shape));
  const scalars = layerRates(
    o,
    options,
    layout,
    rule.scalars.map((name) => o.builder.input(name, 'float32', [])),
  );
  const next = rule.emit(o, {
    parameters,
    gradient,
    state,
    scalars,
    decayMask: decayMask(o, options, layout),
  });
  const outputs = new Map([['parameters', next.parameters]]);
  rule.slots.forEach((name, i) => outputs.set(name, next.state[i] ?? next.parameters));
  if (options.average === true) {
    const average = o.builder.input('average', 'float32', shape);
    const decay = o.builder.input('decay_of_average', 'float32', []);
    // a + (1 − decay)(w − a)
    outputs.set('average', o.add(average, o.mul(o.sub(next.parameters, average), o.sub(1, decay))));
  }
  return outputs;
}

/** Every scalar of an optimizer is a multiple of the learning rate, so each weight's own rate is a product with it. */
function layerRates(
  o: Emitter,
  { layerDecay }: StepOptions,
  layout: FlatLayout,
  scalars: readonly Value[],
): readonly Value[] {
  if (layerDecay === undefined) return scalars;
  const factors = learningRateFactors(layout, layerDecay.depths, layerDecay.decay);
  const value = o.builder.initializer('layer_decay', float32(factors, [layout.size]));
  return scalars.map((scalar) => o.mul(value, scalar));
}

/** Weight decay spares vectors: biases, batch-norm scales and shifts. */
function decayMask(o: Emitter, { optimizer }: StepOptions, layout: FlatLayout): Value | undefined {
  if (optimizer.name !== 'adamw' || optimizer.weightDecay === 0) return undefined;
  const mask = new Float32Array(layout.size);
  for (const { shape, offset, size } of layout.entries)
    if (shape.length > 1) mask.fill(1, offset, offset + size);
  return o.builder.initializer('decay_mask', float32(mask, [layout.size]));
}
