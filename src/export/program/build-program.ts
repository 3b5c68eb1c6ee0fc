import { InputError } from '../../core/errors.js';
import type { Preprocessing } from '../../core/preprocessing.js';
import { ConfigReader } from '../../layers/config-reader.js';
import { findHardSigmoids } from '../../models/fuse.js';
import type { LayerGraph, LayerNode } from '../../models/layer-graph.js';
import { logitsGraph } from '../../models/logits.js';
import { checkWeights, weightOf, type Model } from '../../models/model.js';
import { affineOf } from './affine-steps.js';
import { foldAffine } from './fold-affine.js';
import { fuseActivations, fusePads } from './fuse-steps.js';
import { imageSteps, type PictureSize } from './image-steps.js';
import { spellHardSigmoids } from './hard-sigmoid.js';
import { layerSteps } from './layer-steps.js';
import type { NamedValue, Program } from './program.js';
import { ProgramBuilder } from './program-builder.js';

/**
 * What goes into an exported model: `normalized` float32 as the net takes it, raw pictures as an `image` in uint8
 * [N, h, w, C], or raw `pixels` 0..255 in float32, laid out as the format's floats are.
 */
export type ExportInput = 'normalized' | 'image' | 'pixels';

/** Options of {@link buildProgram}, common to all formats. */
export interface ProgramOptions {
  /** Pictures per run. */
  readonly batch: number;
  readonly input: ExportInput;
  /** Which of the record's sizes raw pictures have: `source` puts the resize inside. */
  readonly pictures: PictureSize;
  /** Ends in probabilities. */
  readonly softmax: boolean;
  /** A step of its own for each hard sigmoid, or the arithmetic that it stands for, parts of which can be folded. */
  readonly hardSigmoid: 'step' | 'arithmetic';
  /** Names of the input and the output of a model with one of each. */
  readonly names: { readonly input?: string; readonly output?: string };
}

/**
 * Translates a model into steps: batch norms folded, dropout gone, activations and padding fused.
 *
 * @throws InputError on a layer that cannot be exported, or a model that does not fit the options
 */
export function buildProgram(model: Model, options: ProgramOptions): Program {
  const { graph } = model;
  if (endsUncalibrated(model))
    return buildProgram({ ...model, graph: logitsGraph(graph) }, { ...options, softmax: true });
  checkWeights(graph, model.weights);
  const builder = new ProgramBuilder();
  const made = inputSteps(builder, model, options);
  const { sources, skipped } = findHardSigmoids(graph);
  for (const node of graph.nodes) {
    if (made.has(node.name) || skipped.has(node.name)) continue;
    const source = sources.get(node.name);
    const value =
      source === undefined
        ? nodeSteps(builder, model, node, made, options.batch)
        : hardSigmoidStep(builder, node, made.get(source) ?? '');
    made.set(node.name, value);
  }
  const program = builder.build(graph, outputSteps(builder, model, made, options));
  const spelled = options.hardSigmoid === 'step' ? program : spellHardSigmoids(program);
  return fuseActivations(foldAffine(fusePads(spelled)));
}

/** Whether a model ends in a softmax of its own that knows nothing of its temperature. */
export function endsUncalibrated({ graph, calibration }: Pick<Model, 'graph' | 'calibration'>): boolean {
  const [only, ...others] = graph.outputs;
  return calibration !== undefined && only !== undefined && others.length === 0 && endsInSoftmax(graph, only);
}

const RAW = { image: 'uint8', pixels: 'float32' } as const;

function inputSteps(
  builder: ProgramBuilder,
  { graph, preprocessing }: Model,
  options: ProgramOptions,
): Map<string, string> {
  const { batch, input, pictures, names } = options;
  const single = graph.inputs.length === 1;
  if (input !== 'normalized') {
    const record = requirePictures(graph, preprocessing);
    const image = { batch, pictures, dtype: RAW[input], name: names.input ?? 'image' };
    return new Map([[graph.inputs[0] ?? '', imageSteps(builder, record, image)]]);
  }
  return new Map(
    graph.inputs.map((node) => {
      const name = (single ? names.input : undefined) ?? node;
      return [node, builder.input(name, node, { dtype: 'float32', shape: [batch, ...graph.shapeOf(node)] })];
    }),
  );
}

/** The preprocessing record of a model with one input of the record's size. */
function requirePictures(graph: LayerGraph, record: Preprocessing | undefined): Preprocessing {
  const where = `export of "${graph.name}"`;
  if (record === undefined)
    throw new InputError({
      where,
      received: 'a model without a preprocessing record',
      expected: 'one that says how pictures become input',
      remedy: 'export it for normalized input',
    });
  const shape = [...record.inputSize, record.channels];
  const found = graph.inputs.map((node) => `[${graph.shapeOf(node).join(', ')}]`).join(' and ');
  if (found === `[${shape.join(', ')}]`) return record;
  const expected = `one input [${shape.join(', ')}] as in the preprocessing record`;
  throw new InputError({ where, received: `a model that takes ${found}`, expected });
}

function nodeSteps(
  builder: ProgramBuilder,
  { graph, weights }: Model,
  node: LayerNode,
  made: ReadonlyMap<string, string>,
  batch: number,
): string {
  const { layer } = node;
  const inputs = node.inbound.map((name) => made.get(name) ?? '');
  return layerSteps({
    builder,
    node,
    layer,
    reader: new ConfigReader(`${layer.className} "${layer.name}"`, layer.config()),
    inputs,
    shapes: inputs.map((name) => builder.shapeOf(name)),
    shape: [batch, ...graph.shapeOf(node.name)],
    weight: (name) => weightOf(weights, layer, name),
  });
}

function hardSigmoidStep(builder: ProgramBuilder, { name }: LayerNode, source: string): string {
  const shape = builder.shapeOf(source);
  return builder.add({ kind: 'unary', function: 'hardSigmoid' }, { name, inputs: [source], shape });
}

function outputSteps(
  builder: ProgramBuilder,
  { graph, calibration }: Model,
  made: ReadonlyMap<string, string>,
  { softmax, names }: ProgramOptions,
): NamedValue[] {
  const outputs = graph.outputs.map((node) => ({ name: node, value: made.get(node) ?? '' }));
  const [only, ...others] = outputs;
  if (only === undefined || others.length > 0) {
    if (!softmax) return outputs;
    const received = `softmax for ${outputs.length} outputs`;
    throw new InputError({ where: `export of "${graph.name}"`, received, expected: 'one output' });
  }
  const ends = endsInSoftmax(graph, only.name);
  if (!softmax || ends) return [{ ...only, name: names.output ?? only.name }];
  const name = builder.freeName('probabilities');
  const shape = builder.shapeOf(only.value);
  const logits =
    calibration === undefined
      ? only.value
      : builder.add(affineOf(1 / calibration.temperature, 0), {
          ...{ name: builder.freeName('temperature'), inputs: [only.value], shape, exact: true },
        });
  const value = builder.add(
    { kind: 'unary', function: 'softmax' },
    { name, inputs: [logits], shape, exact: true },
  );
  return [{ name: names.output ?? name, value }];
}

/** Whether a model's output are probabilities already. */
export function endsInSoftmax(graph: LayerGraph, output: string): boolean {
  const { layer, inbound } = graph.node(output);
  if (layer.className === 'Dropout') return endsInSoftmax(graph, inbound[0] ?? '');
  return layer.className === 'Softmax' || layer.config()['activation'] === 'softmax';
}
