import type { Preprocessing } from '../core/preprocessing.js';
import { GraphError } from '../core/errors.js';
import { lowerGraph } from '../lower/lower.js';
import { simplify } from '../lower/simplify.js';
import { forward } from '../models/forward.js';
import { InferenceContext } from '../models/inference.js';
import type { LayerGraph } from '../models/layer-graph.js';
import type { Calibration } from '../models/model.js';
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
  /** Answers of a picture are the mean of the logits of several views of it. */
  readonly average?: Averaging;
  /** Probabilities are the softmax of the logits divided by its temperature. */
  readonly calibration?: Calibration;
}

/**
 * Views of a picture whose logits are averaged: itself; itself and its mirror image; or five windows of 0.9 of its
 * sides, at the corners and in the middle, enlarged (Krizhevsky et al. 2012, section 4.1, without the mirror images).
 */
export type Averaging = 'none' | 'flip' | 'five-crop';

/** Side of the windows: faces fill their pictures, and training enlarges them by up to 1.15. */
const CROP = 0.9;

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
  const logits = meanLogits(o, viewsOf(o, x, options.average ?? 'none'), logitsOf);
  const { temperature = 1 } = options.calibration ?? {};
  const scaled = temperature === 1 ? logits : o.mul(logits, 1 / temperature);
  builder.output('logits', logits);
  builder.output('probabilities', o.op('Softmax', [scaled], { axis: 1 }));
  return lowerGraph(simplify(builder.build()), { kind: 'portable' });
}

/** Values `[N, C, ?, ?]`, all of one size, each a view of every picture. */
function viewsOf(o: Emitter, x: Value, average: Averaging): readonly Value[] {
  const [, , h = 1, w = 1] = x.shape;
  if (average === 'flip') {
    const reversed = o.builder.ints(Array.from({ length: w }, (_, i) => w - 1 - i));
    return [x, o.op('Gather', [x, reversed], { axis: 3 })];
  }
  if (average === 'none') return [x];
  const [height, width] = [Math.round(CROP * h), Math.round(CROP * w)];
  const [bottom, right] = [h - height, w - width];
  const middle = [Math.floor(bottom / 2), Math.floor(right / 2)] as const;
  const corners = [[0, 0], [0, right], [bottom, 0], [bottom, right], middle] as const;
  return corners.map(([top, left]) => o.slice(x, [top, left], [top + height, left + width], [2, 3]));
}

/** All views run at once, as one batch. */
function meanLogits(o: Emitter, views: readonly Value[], logitsOf: (pictures: Value) => Value): Value {
  const [first, ...others] = views;
  if (first === undefined || others.length === 0) return logitsOf(first ?? o.scalar(0));
  const [n = 1] = first.shape;
  const all = logitsOf(o.concat(views, 0));
  const parts = views.map((_, i) => o.slice(all, [i * n], [(i + 1) * n], [0]));
  return o.mul(
    parts.reduce((sum, part) => o.add(sum, part)),
    1 / views.length,
  );
}
