import { GraphError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { forward } from '../models/forward.js';
import type { FlatLayout } from '../models/flat.js';
import type { LayerGraph } from '../models/layer-graph.js';
import type { Weights } from '../models/model.js';
import { preprocess } from '../models/preprocess.js';
import { GraphBuilder } from '../onnx/builder.js';
import type { Graph, Value } from '../onnx/graph.js';
import { Emitter } from '../ops/emitter.js';
import { schemaOf } from '../ops/registry.js';
import { StepContext } from './step-context.js';

/** What a forward pass in training is made of. */
export interface ForwardOptions {
  readonly graph: LayerGraph;
  /** Frozen weights become constants; trainable ones only give shapes here. */
  readonly weights: Weights;
  readonly preprocessing: Preprocessing;
  readonly batchSize: number;
  /** [C, h, w] of the pictures that come in, pixels 0..255. */
  readonly pictureShape: readonly [number, number, number];
  /**
   * Momentum of batch-norm statistics (weighs the old value) in place of the layers' own: MobileNetV3's 0.999
   * remembers the statistics of ImageNet for thousands of steps.
   */
  readonly batchNormMomentum?: number;
}

/** Pictures to logits as a graph, with what its layers asked for. */
export interface ForwardPass {
  readonly graph: Graph;
  readonly context: StepContext;
  readonly classes: number;
}

/**
 * Pictures to logits in training, with the values that later parts need as graph outputs, so that they survive
 * rewrites: inputs `x` and `parameters`, outputs `logits` and `batch/<weight>` for each moving statistic.
 *
 * @param Context the step's own, or one that answers layers in another way
 */
export function forwardPass(
  options: ForwardOptions,
  parameters: FlatLayout,
  Context: typeof StepContext = StepContext,
): ForwardPass {
  const builder = new GraphBuilder('training_step', schemaOf);
  const o = new Emitter(builder);
  const { batchSize, pictureShape, graph, weights, preprocessing } = options;
  const x = builder.input('x', 'float32', [batchSize, ...pictureShape]);
  const flat = builder.input('parameters', 'float32', [parameters.size]);
  const variables = splitFlat(o, flat, parameters, 'w');
  const context = new Context(o, graph, variables, weights, options.batchNormMomentum);
  const images = preprocess(o, x, preprocessing);
  const [logits] = forward(graph, context, [images]).values();
  if (logits === undefined)
    throw new GraphError({ where: 'training step', received: 'no output', expected: 'logits' });
  builder.output('logits', logits);
  context.keepBatchStatistics();
  return { graph: builder.build(), context, classes: logits.shape[1] ?? 1 };
}

/** Cuts a flat vector into values named `prefix/key` of their own shapes. */
function splitFlat(o: Emitter, flat: Value, layout: FlatLayout, prefix: string): Map<string, Value> {
  const sizes = o.builder.ints(layout.entries.map((entry) => entry.size));
  const parts = o.builder.node('Split', [flat, sizes], { axis: 0 });
  return new Map(
    layout.entries.map(({ slot, shape }, i) => {
      const part = parts[i] ?? flat;
      const names = { outputNames: [`${prefix}/${slot.key}`] };
      const [value = part] = o.builder.node('Reshape', [part, o.builder.ints(shape)], {}, names);
      return [slot.key, value];
    }),
  );
}
