import type { Tensor } from '../../core/tensor.js';
import type { CallContext } from '../../layers/layer.js';
import { forward } from '../../models/forward.js';
import { engineInputShape, InferenceContext } from '../../models/inference.js';
import { weightKey } from '../../models/layer-graph.js';
import type { Model } from '../../models/model.js';
import { GraphBuilder } from '../../onnx/builder.js';
import { encodeModel } from '../../onnx/encode.js';
import { decomposeGraph } from '../../ops/decompose.js';
import { schemaOf } from '../../ops/registry.js';
import { ortNode } from '../../runtime/node/ort.js';
import { channelsFirst } from './reference.js';

/**
 * Gives batch norms the statistics of a batch, so that the signal of drawn weights reaches the output: without them it
 * dies within a few layers, and any export would agree on a constant.
 */
export async function settled(model: Model, x: Tensor<'float32'>): Promise<Model> {
  const { graph } = model;
  const [input = ''] = graph.inputs;
  const builder = new GraphBuilder(graph.name, schemaOf);
  const inner = new InferenceContext(builder, graph, model.weights);
  const context: CallContext = {
    o: inner.o,
    training: true,
    weight: (layer, name) => inner.weight(layer, name),
    movingAverage: (layer, name, value) => builder.output(weightKey(layer, name), value),
    dropoutMask: (_, shape) => inner.o.expand(inner.o.scalar(1), shape),
  };
  const image = builder.input(input, 'float32', engineInputShape(graph.shapeOf(input), x.shape[0] ?? 1));
  for (const [name, value] of forward(graph, context, [image])) builder.output(name, value);
  const session = await ortNode().createSession(encodeModel(decomposeGraph(builder.build())), { threads: 1 });
  const results = await session.run({ [input]: channelsFirst(x) });
  await session.close();
  const weights = new Map(model.weights);
  for (const [key, { data }] of Object.entries(results)) {
    if (weights.has(key)) weights.set(key, Float32Array.from(data as Float32Array));
  }
  return { ...model, weights };
}
