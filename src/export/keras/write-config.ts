import type { Shape } from '../../core/tensor.js';
import type { Json, JsonObject } from '../../layers/json.js';
import type { Layer } from '../../layers/layer.js';
import type { LayerGraph, LayerNode } from '../../models/layer-graph.js';

/** Layers that Keras calls with one list of inputs. */
const MERGING = new Set(['Add', 'Multiply', 'Concatenate']);

/** Layers whose call knows a `training` argument. */
const TRAINING = new Set(['BatchNormalization', 'Dropout']);

/** `config.json` of a functional Keras 3 model. @param compile its `compile_config`, empty for an uncompiled one */
export function writeConfig(graph: LayerGraph, compile: JsonObject = {}): JsonObject {
  const calls = callsByLayer(graph);
  return {
    module: 'keras.src.models.functional',
    class_name: 'Functional',
    config: {
      name: graph.name,
      trainable: true,
      layers: [...calls].map(([layer, nodes]) => writeLayer(graph, calls, layer, nodes)),
      input_layers: references(graph, calls, graph.inputs),
      output_layers: references(graph, calls, graph.outputs),
    },
    registered_name: 'Functional',
    build_config: { input_shape: null },
    compile_config: compile,
  };
}

type Calls = ReadonlyMap<Layer, readonly LayerNode[]>;

function callsByLayer(graph: LayerGraph): Calls {
  const calls = new Map<Layer, LayerNode[]>();
  for (const node of graph.nodes) {
    const known = calls.get(node.layer);
    if (known === undefined) calls.set(node.layer, [node]);
    else known.push(node);
  }
  return calls;
}

function writeLayer(graph: LayerGraph, calls: Calls, layer: Layer, nodes: readonly LayerNode[]): JsonObject {
  const { className, name } = layer;
  const inbound = nodes.filter((node) => node.inbound.length > 0);
  const own = layer.isLayer
    ? { module: 'keras.layers', registered_name: null }
    : { module: 'keras.src.ops.numpy', registered_name: className };
  return {
    ...own,
    class_name: className,
    config: layer.config(),
    ...buildConfig(graph, layer, nodes),
    name,
    inbound_nodes: inbound.map((node) => writeCall(graph, calls, node)),
  };
}

function buildConfig(graph: LayerGraph, layer: Layer, [first]: readonly LayerNode[]): JsonObject {
  if (!layer.isLayer || first === undefined || first.inbound.length === 0) return {};
  const shapes = graph.inputShapesOf(first).map(batchShape);
  return { build_config: { input_shape: MERGING.has(layer.className) ? shapes : (shapes[0] ?? []) } };
}

function writeCall(graph: LayerGraph, calls: Calls, node: LayerNode): JsonObject {
  const tensors = node.inbound.map((name) => tensorReference(graph, calls, name));
  return {
    args: argumentsOf(node.layer, tensors),
    kwargs: node.training === false && TRAINING.has(node.layer.className) ? { training: false } : {},
  };
}

function argumentsOf(layer: Layer, tensors: readonly JsonObject[]): readonly Json[] {
  const { operand } = layer;
  if (operand !== undefined)
    return operand.side === 'right' ? [...tensors, operand.value] : [operand.value, ...tensors];
  return layer.isLayer && MERGING.has(layer.className) ? [tensors] : tensors;
}

function tensorReference(graph: LayerGraph, calls: Calls, name: string): JsonObject {
  const config = {
    shape: batchShape(graph.shapeOf(name)),
    dtype: 'float32',
    keras_history: historyOf(graph, calls, name),
  };
  return { class_name: '__keras_tensor__', config };
}

/** Keras writes one output bare and several as a list. */
function references(graph: LayerGraph, calls: Calls, names: readonly string[]): Json {
  const all = names.map((name) => historyOf(graph, calls, name));
  return all.length === 1 ? (all[0] ?? []) : all;
}

/** [layer, which of its calls, which output]. */
function historyOf(graph: LayerGraph, calls: Calls, name: string): readonly Json[] {
  const node = graph.node(name);
  return [node.layer.name, (calls.get(node.layer) ?? []).indexOf(node), 0];
}

function batchShape(shape: Shape): readonly Json[] {
  return [null, ...shape];
}
