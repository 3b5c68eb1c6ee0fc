import type { Preprocessing } from '../core/preprocessing.js';
import { GraphError } from '../core/errors.js';
import { lowerGraph } from '../lower/lower.js';
import { simplify } from '../lower/simplify.js';
import { forward } from '../models/forward.js';
import { InferenceContext } from '../models/inference.js';
import type { LayerGraph } from '../models/layer-graph.js';
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
  const context = new InferenceContext(builder, graph, options.weights);
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
