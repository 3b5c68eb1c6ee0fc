import { float32, sizeOf, type Shape } from '../core/tensor.js';
import type { Value } from '../onnx/graph.js';
import { GraphError } from '../core/errors.js';
import { engineShape, type CallContext, type Layer } from '../layers/layer.js';
import { toEngine } from '../layers/permute.js';
import { GraphBuilder } from '../onnx/builder.js';
import type { Graph } from '../onnx/graph.js';
import { Emitter } from '../ops/emitter.js';
import { schemaOf } from '../ops/registry.js';
import { forward } from './forward.js';
import { weightKey, type LayerGraph, type WeightSlot } from './layer-graph.js';
import { weightOf } from './model.js';

/** Options of {@link inferenceGraph}. */
export interface InferenceOptions {
  /** Pictures per run. */
  readonly batch: number;
}

/**
 * The plain ONNX graph of a model in inference, its weights as initializers in engine layout.
 *
 * Inputs and outputs carry the names of the model's input and output layers: pictures [N, C, H, W],
 * vectors [N, F], all float32.
 *
 * @example const bytes = encodeModel(decomposeGraph(inferenceGraph(model.graph, model.weights, { batch: 32 })));
 */
export function inferenceGraph(
  graph: LayerGraph,
  weights: ReadonlyMap<string, Float32Array>,
  { batch }: InferenceOptions,
): Graph {
  const builder = new GraphBuilder(graph.name, schemaOf);
  const inputs = graph.inputs.map((name) =>
    builder.input(name, 'float32', engineInputShape(graph.shapeOf(name), batch)),
  );
  const context = new InferenceContext(builder, graph, weights);
  for (const [name, value] of forward(graph, context, inputs)) builder.output(name, value);
  return builder.build();
}

/** The engine's shape for a Keras shape: [N, C, H, W] for pictures. */
export function engineInputShape(shape: Shape, batch: number): Shape {
  const [height = 1, width = 1, channels = 1] = shape;
  return shape.length === 3 ? [batch, channels, height, width] : [batch, ...shape];
}

/** Gives layers their weights as constants; statistics stand still and nothing drops. */
export class InferenceContext implements CallContext {
  readonly o: Emitter;
  readonly training = false;
  private readonly slots: ReadonlyMap<string, WeightSlot>;
  private readonly values = new Map<string, Value>();

  constructor(
    private readonly builder: GraphBuilder,
    graph: LayerGraph,
    private readonly weights: ReadonlyMap<string, Float32Array>,
  ) {
    this.o = new Emitter(builder);
    this.slots = new Map(graph.weightSlots.map((slot) => [slot.key, slot]));
  }

  weight(layer: Layer, name: string): Value {
    const key = weightKey(layer, name);
    const known = this.values.get(key);
    if (known !== undefined) return known;
    const spec = this.slots.get(key)?.spec;
    if (spec === undefined) throw notInInference(`weight "${key}"`, 'a weight that the layer declares');
    const values = weightOf(this.weights, layer, name);
    if (values.length !== sizeOf(spec.shape))
      throw notInInference(`${values.length} values for "${key}"`, `${sizeOf(spec.shape)}`);
    const value = this.builder.initializer(key, float32(toEngine(spec, values), engineShape(spec)));
    this.values.set(key, value);
    return value;
  }

  movingAverage(layer: Layer): void {
    throw notInInference(`a moving average of "${layer.name}"`, 'none in inference');
  }

  dropoutMask(layer: Layer): Value {
    throw notInInference(`a dropout mask of "${layer.name}"`, 'none in inference');
  }
}

function notInInference(received: string, expected: string): GraphError {
  return new GraphError({ where: 'inferenceGraph', received, expected });
}
