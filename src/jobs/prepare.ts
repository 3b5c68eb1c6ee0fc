import { InputError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { createRandom } from '../core/random.js';
import { conflictingGroups, constantImages, groupsOf } from '../data/duplicates.js';
import type { ImageSet } from '../data/images.js';
import { splitTrainValidation } from '../data/split.js';
import { loadKeras } from '../export/keras/archive.js';
import { withHead } from '../models/head.js';
import type { LayerGraph } from '../models/layer-graph.js';
import { initialWeights, type Model, type Origin, type Weights } from '../models/model.js';
import { buildNet } from '../models/nets.js';
import type { NetStyle } from '../models/net-options.js';
import { loadWeights, type WeightSearch } from '../models/weights/load.js';
import {
  findRecord,
  preprocessingOf,
  untrainedRecord,
  type InputStatistics,
} from '../models/weights/records.js';
import type { TrainingSplit } from '../train/trainer.js';
import type { Recipe } from '../train/recipe.js';
import { loadShipped, SHIPPED } from './shipped.js';
import type { TrainSettings } from './settings.js';

/** Name of the first layer of the heads that `withHead` adds. */
export const HEAD_START = 'head_pool';

/**
 * Splits training images as a recipe wants: exact copies on one side, then, where asked for, one image of
 * each group of copies and none whose copies disagree about the class; constant pictures do not train.
 */
export function splitImages(images: ImageSet, recipe: Recipe, seed: number): TrainingSplit {
  const all = [...images.labels.keys()];
  const { train, validation } =
    recipe.validationFraction === 0
      ? { train: all, validation: [] }
      : splitTrainValidation(images, { fraction: recipe.validationFraction, seed });
  return { train: recipe.dropCopies ? withoutCopies(images, train) : train, validation };
}

function withoutCopies(images: ImageSet, indices: readonly number[]): number[] {
  const groups = groupsOf(images);
  const skipped = new Set([...conflictingGroups(images, groups).flat(), ...constantImages(images)]);
  const seen = new Set<number>();
  return indices.filter((image) => {
    const group = groups[image] ?? -1;
    if (skipped.has(image) || seen.has(group)) return false;
    seen.add(group);
    return true;
  });
}

/** Colour of a recipe's data: grey unless a picture has colour; FER2013 is grey. */
export const TRAINING_COLOUR = 'grey';

/** Builds the model that a training starts from: the net, its head, starting weights and records. */
export async function startingModel(
  settings: TrainSettings,
  search: WeightSearch,
  sourceSize: number,
): Promise<Model> {
  const start = await startingPoint(settings, search);
  const { inputSize } = settings.recipe;
  const { backbone, graph } = sizedGraph(settings, start.style, inputSize);
  const weights = initialWeights(graph, createRandom(settings.seed));
  adopt(weights, await start.weightsFor(backbone));
  const sizes = { inputSize: [inputSize, inputSize], sourceSize: [sourceSize, sourceSize] } as const;
  const preprocessing: Preprocessing = { ...start.preprocessing, ...sizes };
  return { graph, weights, preprocessing, classes: settings.classes, origin: start.origin };
}

/** The graph of a starting model at another input size. */
export function trainingGraph(settings: TrainSettings, { origin }: Model, inputSize: number): LayerGraph {
  return sizedGraph(settings, styleOf(origin), inputSize).graph;
}

function sizedGraph({ model, recipe, classes }: TrainSettings, style: NetStyle, inputSize: number) {
  const backbone = buildNet(model, { inputShape: [inputSize, inputSize, 3], weights: style });
  return { backbone, graph: withHead(backbone, { ...recipe.head, classes: classes.length }) };
}

/** Padding and epsilon, which belong to the weights, as a model's origin remembers them. */
function styleOf(origin: Origin): NetStyle {
  const padding = origin['padding'] === 'keras' ? 'keras' : 'symmetric';
  return { padding, epsilon: Number(origin['epsilon'] ?? 1e-3) };
}

/** Takes over every weight that exists under the same name with the same size. */
function adopt(weights: Weights, given: ReadonlyMap<string, Float32Array>): void {
  for (const [key, values] of given) if (weights.get(key)?.length === values.length) weights.set(key, values);
}

interface StartingPoint {
  readonly style: NetStyle;
  readonly preprocessing: Preprocessing;
  readonly origin: Origin;
  weightsFor(backbone: LayerGraph): Promise<ReadonlyMap<string, Float32Array>>;
}

async function startingPoint(settings: TrainSettings, search: WeightSearch): Promise<StartingPoint> {
  const { weights } = settings;
  if (weights === 'none') return fromNothing(settings);
  if (SHIPPED.includes(weights)) return fromModel(await loadShipped(weights), settings.model);
  if (weights.endsWith('.keras')) return fromModel(await loadKeras(weights), settings.model);
  return fromRecord(settings, weights, search);
}

function fromRecord({ model }: TrainSettings, name: string, search: WeightSearch): StartingPoint {
  const record = findRecord(model, name);
  const { origin: startOrigin, licence: startLicence } = record;
  return {
    style: record,
    preprocessing: unsized(record.input),
    origin: { ...originOf(model, name, record), startOrigin, startLicence },
    weightsFor: (backbone) => loadWeights(backbone, record, search),
  };
}

/** Starts from drawn weights, with the padding and the input that the net's first record has. */
function fromNothing({ model }: TrainSettings): StartingPoint {
  const style = untrainedRecord(model);
  return {
    style,
    preprocessing: unsized(style.input),
    origin: originOf(model, 'none', style),
    weightsFor: () => Promise.resolve(new Map()),
  };
}

function originOf(net: string, start: string, { padding, epsilon }: NetStyle): Origin {
  return { net, padding, epsilon, start };
}

/** A record whose sizes the recipe and the data decide. */
function unsized(input: InputStatistics): Preprocessing {
  return preprocessingOf(input, { inputSize: [0, 0], colour: TRAINING_COLOUR });
}

/** Goes on from a trained model: its weights, and the padding and preprocessing that belong to them. */
function fromModel(model: Model, net: string): StartingPoint {
  const { origin, preprocessing } = model;
  if (origin['net'] !== net || preprocessing === undefined) {
    throw new InputError({
      where: '--weights',
      received: `a model of net ${JSON.stringify(origin['net'] ?? 'unknown')}`,
      expected: `one that Mien trained from ${net}`,
    });
  }
  return {
    style: styleOf(origin),
    preprocessing,
    origin,
    weightsFor: () => Promise.resolve(model.weights),
  };
}
