import { layerFromConfig } from '../layers/registry.js';
import type { LayerGraph, LayerNode } from './layer-graph.js';

/**
 * A classifier's graph that ends in logits: a softmax at its end, as a layer of its own or as the activation of
 * the last layer, is taken off. Weights keep their names. Training and prediction put the softmax where they
 * need it, and a second one would flatten every answer.
 */
export function logitsGraph(graph: LayerGraph): LayerGraph {
  const outputs = graph.outputs.map((name) => logitsNode(graph, name));
  if (outputs.every((node, i) => node.name === graph.outputs[i] && node === graph.node(node.name)))
    return graph;
  const changed = new Map(outputs.map((node) => [node.name, node]));
  const nodes = graph.nodes.map((node) => changed.get(node.name) ?? node);
  return graph.with({ nodes, outputs: outputs.map(({ name }) => name) });
}

/** The node whose value before the softmax is the logits. */
function logitsNode(graph: LayerGraph, name: string): LayerNode {
  const node = graph.node(name);
  const { className } = node.layer;
  const { activation, axis } = node.layer.config();
  const [before] = node.inbound;
  const isLayer =
    className === 'Softmax' ? axis === -1 : className === 'Activation' && activation === 'softmax';
  if (isLayer && before !== undefined) return logitsNode(graph, before);
  return activation === 'softmax' && className !== 'Activation' ? withoutActivation(node) : node;
}

function withoutActivation(node: LayerNode): LayerNode {
  const { className, name, trainable } = node.layer;
  const layer = layerFromConfig(className, name, { ...node.layer.config(), activation: 'linear' });
  layer.trainable = trainable;
  return { ...node, layer };
}
