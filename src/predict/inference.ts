import type { Preprocessing } from '../core/preprocessing.js';
import { float32 } from '../core/tensor.js';
import { GraphError } from '../core/errors.js';
import { engineShape, type CallContext, type Layer } from '../layers/layer.js';
import { lowerGraph } from '../lower/lower.js';
import { simplify } from '../lower/simplify.js';
import { engineValues } from '../models/flat.js';
import { forward } from '../models/forward.js';
import { weightKey, type LayerGraph, type WeightSlot } from '../models/layer-graph.js';
import { preprocess } from '../models/preprocess.js';
import { GraphBuilder } from '../onnx/builder.js';
import type { Graph, Value } from '../onnx/graph.js';
import { Emitter } from '../ops/emitter.js';
import { schemaOf } from '../ops/registry.js';

/** What an inference graph is made of. */
export interface InferenceOptions {
  readonly graph: LayerGraph;
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly preprocessing: Preprocessing;
  readonly batchSize: number;
  /** [C, h, w] of the pictures that come in, pixels 0..255. */
  readonly pictureShape: readonly [number, number, number];
  /** `flip`: the mean of the logits of each picture and of its mirror image. */
  readonly average?: 'none' | 'flip';
}

/**
 * A model as an ONNX graph for evaluation: input `x` `[N, C, h, w]`, outputs `logits` and `probabilities`
 * `[N, K]`. Batch norm is folded, dropout gone, preprocessing inside.
 */
export function buildInference(options: InferenceOptions): Graph {
  const builder = new GraphBuilder('inference', schemaOf);
  const o = new Emitter(builder);
  const { batchSize, pictureShape, preprocessing, graph } = options;
  const x = builder.input('x', 'float32', [batchSize, ...pictureShape]);
  const context = new InferenceContext(o, graph, options.weights);
  const logitsOf = (pictures: Value): Value => {
    const [logits] = forward(graph, context, [preprocess(o, pictures, preprocessing)]).values();
    if (logits === undefined)
      throw new GraphError({ where: 'inference', received: 'no output', expected: 'logits' });
    return logits;
  };
  const logits = options.average === 'flip' ? flipAverage(o, x, logitsOf) : logitsOf(x);
  builder.output('logits', logits);
  builder.output('probabilities', o.op('Softmax', [logits], { axis: 1 }));
  return lowerGraph(simplify(builder.build()), { kind: 'portable' });
}

/** Both halves of a batch of 2N run at once: N pictures and their mirror images. */
function flipAverage(o: Emitter, x: Value, logitsOf: (pictures: Value) => Value): Value {
  const [n = 1, , , w = 1] = x.shape;
  const reversed = o.builder.ints(Array.from({ length: w }, (_, i) => w - 1 - i));
  const both = logitsOf(o.concat([x, o.op('Gather', [x, reversed], { axis: 3 })], 0));
  const half = (i: number) => o.slice(both, [i * n], [(i + 1) * n], [0]);
  return o.mul(o.add(half(0), half(1)), 0.5);
}

class InferenceContext implements CallContext {
  readonly training = false;
  private readonly known = new Map<string, Value>();
  private readonly slots: ReadonlyMap<string, WeightSlot>;

  constructor(
    readonly o: Emitter,
    graph: LayerGraph,
    private readonly weights: ReadonlyMap<string, Float32Array>,
  ) {
    this.slots = new Map(graph.weightSlots.map((slot) => [slot.key, slot]));
  }

  weight(layer: Layer, name: string): Value {
    const key = weightKey(layer, name);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const slot = this.slots.get(key);
    if (slot === undefined)
      throw new GraphError({
        where: 'inference',
        received: `a weight "${key}"`,
        expected: 'one of the graph',
      });
    const tensor = float32(engineValues(slot, this.weights), engineShape(slot.spec));
    const value = this.o.builder.initializer(`w/${key}`, tensor);
    this.known.set(key, value);
    return value;
  }

  movingAverage(): void {
    // Statistics stand still outside training.
  }

  dropoutMask(layer: Layer): Value {
    throw new GraphError({
      where: `Dropout "${layer.name}"`,
      received: 'a call for a mask',
      expected: 'none outside training',
    });
  }
}
