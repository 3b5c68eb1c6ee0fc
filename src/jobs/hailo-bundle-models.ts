import { InputError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import type { BundleManifest } from '../export/hailo/bundle/manifest.js';
import { checkOperators } from '../export/hailo/bundle/supported.js';
import { onnxGraph, writeOnnx } from '../export/onnx/write-onnx.js';
import { describeTflite, writeTflite } from '../export/tflite/write-tflite.js';
import type { Model } from '../models/model.js';
import type { Graph, Value } from '../onnx/graph.js';
import { modelPreprocessing } from './model-source.js';

/** A model as the compiler takes it, in both formats, and what the parser must be told. */
export interface BundleModels {
  readonly onnx: Uint8Array;
  readonly tflite: Uint8Array;
  readonly nodes: BundleManifest['nodes'];
  /** Of the ONNX model: float32 [1, C, H, W]. */
  readonly input: Value;
  readonly preprocessing: Preprocessing;
}

/**
 * Writes both files: one picture per run, normalized input, logits out.
 *
 * @param a16w16 nodes that must exist
 * @throws InputError on an operator that Hailo's parser is not known to take, on several inputs or outputs, on an input
 *   that is not the record's, and on an unknown node
 */
export function bundleModels(model: Model, a16w16: readonly string[]): BundleModels {
  const preprocessing = modelPreprocessing(model);
  const graph = onnxGraph(model, { batch: 1 });
  const { operators, tensors, inputs, outputs } = describeTflite(model);
  checkOperators({
    model: model.graph.name,
    onnx: graph.nodes.map(({ opType, name }) => ({ kind: opType, name })),
    tflite: operators.map(({ name, outputs: [made] }) => ({
      kind: name,
      name: tensors[made ?? 0]?.name ?? '',
    })),
  });
  const input = onlyInput(graph, preprocessing);
  checkNodes(graph, a16w16);
  return {
    onnx: writeOnnx(model, { batch: 1 }),
    tflite: writeTflite(model),
    nodes: {
      onnx: { start: graph.nodes[0]?.name ?? '', end: graph.nodes.at(-1)?.name ?? '' },
      tflite: { start: inputs[0]?.name ?? '', end: outputs[0]?.name ?? '' },
    },
    input,
    preprocessing,
  };
}

function onlyInput({ name, inputs, outputs }: Graph, { inputSize, channels }: Preprocessing): Value {
  const [input, ...more] = inputs;
  const expected = [1, channels, ...inputSize].join(', ');
  if (
    input !== undefined &&
    more.length === 0 &&
    outputs.length === 1 &&
    input.shape.join(', ') === expected
  ) {
    return input;
  }
  const shapes = inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(' and ');
  throw new InputError({
    where: `model "${name}"`,
    received: `inputs ${shapes} and ${outputs.length} outputs`,
    expected: `one input [${expected}], as its preprocessing record says, and one output`,
  });
}

function checkNodes({ name, nodes }: Graph, wanted: readonly string[]): void {
  const known = new Set(nodes.map((node) => node.name));
  const stranger = wanted.find((node) => !known.has(node));
  if (stranger === undefined) return;
  const convolutions = nodes.filter(({ opType }) => opType === 'Conv' || opType === 'Gemm');
  const first = convolutions.slice(0, 4).map((node) => node.name);
  throw new InputError({
    where: '--a16w16',
    received: `"${stranger}"`,
    expected: `nodes of "${name}", e.g. ${first.join(', ')}`,
  });
}
