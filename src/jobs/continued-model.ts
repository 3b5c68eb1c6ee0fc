import { InputError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { createRandom } from '../core/random.js';
import { withHead } from '../models/head.js';
import type { LayerGraph, LayerNode } from '../models/layer-graph.js';
import { initialWeights, type Model } from '../models/model.js';
import type { Recipe } from '../train/recipe.js';
import { trainedClasses } from './auxiliary.js';
import { withRecords } from './model-records.js';
import { modelPreprocessing, openModel } from './model-source.js';
import type { TrainSettings } from './settings.js';
import { adopt, HEAD_START, type StartingModel } from './start-parts.js';

/** Layers that end a backbone: behind them a picture is a vector. */
const POOLING: readonly string[] = ['GlobalAveragePooling2D', 'GlobalMaxPooling2D', 'Flatten'];

/**
 * The model that a training goes on from: as it is where its classes are those of the training, with a new head on
 * its backbone where they differ. Its input size and its preprocessing stay its own.
 *
 * @throws InputError when it cannot be read, has no preprocessing record, or no pooling to put a head on
 */
export async function continuedModel(settings: TrainSettings, from: string): Promise<StartingModel> {
  const { preprocessing: record, classes, map, seed } = settings;
  const opened = withRecords(await openModel(from), record === undefined ? {} : { preprocessing: record });
  const pooling = poolingOf(opened.graph);
  // Auxiliary classes are cut off a head of Mien's own.
  const kept = trainedClasses(settings).length === classes.length && sameClasses(opened, classes);
  const graph = kept ? opened.graph : withNewHead(opened.graph, pooling, settings);
  const weights = initialWeights(graph, createRandom(seed));
  adopt(weights, opened.weights);
  const preprocessing = modelPreprocessing(opened);
  const origin = { ...opened.origin, ...(map === undefined ? {} : { classMap: map }), continuedFrom: from };
  return {
    settings: { ...settings, recipe: recipeFor(settings.recipe, preprocessing) },
    model: { graph, weights, preprocessing, classes, origin },
    headStart: kept ? pooling.name : HEAD_START,
  };
}

/** The recipe with the model's own sizes and colour. @throws InputError when a stage wants another size */
function recipeFor(recipe: Recipe, { inputSize, sourceSize, colour }: Preprocessing): Recipe {
  const [side] = inputSize;
  const other = recipe.stages.find((stage) => (stage.inputSize ?? side) !== side);
  const square = [inputSize, sourceSize].every(([height, width]) => height === width);
  if (square && other === undefined) return { ...recipe, inputSize: side, sourceSize: sourceSize[0], colour };
  throw new InputError({
    where: '--from',
    received:
      other === undefined
        ? `a model for pictures of ${inputSize.join('×')} pixels made of ${sourceSize.join('×')}`
        : `a stage "${other.name}" at ${other.inputSize ?? 0} pixels for a model of ${side}`,
    expected: "square pictures of the model's own size in every stage",
  });
}

function sameClasses({ classes, graph }: Model, wanted: readonly string[]): boolean {
  const outputs = graph.shapeOf(graph.outputs[0] ?? '').at(-1);
  return outputs === wanted.length && classes?.join('\n') === wanted.join('\n');
}

function withNewHead(graph: LayerGraph, pooling: LayerNode, settings: TrainSettings): LayerGraph {
  const backbone = graph.with({ outputs: pooling.inbound });
  return withHead(backbone, { ...settings.recipe.head, classes: trainedClasses(settings).length });
}

/** The last pooling on the only path to the output. @throws InputError when there is none */
function poolingOf(graph: LayerGraph): LayerNode {
  let node = graph.node(graph.outputs[0] ?? '');
  while (!POOLING.includes(node.layer.className)) {
    const [before, ...others] = node.inbound;
    if (before === undefined || others.length > 0 || graph.outputs.length > 1) throw withoutPooling(graph);
    node = graph.node(before);
  }
  return node;
}

function withoutPooling(graph: LayerGraph): InputError {
  return new InputError({
    where: `model "${graph.name}"`,
    received: 'no pooling or Flatten on a single path to its output',
    expected: 'a classifier: features, global pooling or Flatten, then layers to the classes',
  });
}
