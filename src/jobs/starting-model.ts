import { InputError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { createRandom } from '../core/random.js';
import { loadKeras } from '../export/keras/archive.js';
import { withHead } from '../models/head.js';
import type { LayerGraph } from '../models/layer-graph.js';
import { initialWeights, type Model, type Origin } from '../models/model.js';
import { buildNet } from '../models/nets.js';
import type { NetStyle } from '../models/net-options.js';
import { loadWeights, type WeightSearch } from '../models/weights/load.js';
import {
  findRecord,
  preprocessingOf,
  untrainedRecord,
  type InputStatistics,
} from '../models/weights/records.js';
import { trainedClasses } from './auxiliary.js';
import { continuedModel } from './continued-model.js';
import { loadShipped, SHIPPED } from './shipped.js';
import type { TrainSettings } from './settings.js';
import { adopt, HEAD_START, pictureForm, type StartingModel } from './start-parts.js';

/**
 * The model that a training starts from: the net, its head, starting weights and records; or a model that it goes
 * on from.
 *
 * @throws InputError when weights or model are missing, damaged or of another net
 */
export async function startingModel(settings: TrainSettings, search: WeightSearch): Promise<StartingModel> {
  if (settings.from !== undefined) return continuedModel(settings, settings.from);
  const start = await startingPoint(settings, search);
  const { inputSize } = settings.recipe;
  const { side, colour } = pictureForm(settings.recipe);
  const { backbone, graph } = sizedGraph(settings, start.style, inputSize);
  const weights = initialWeights(graph, createRandom(settings.seed));
  adopt(weights, await start.weightsFor(backbone));
  const sizes = { inputSize: [inputSize, inputSize], sourceSize: [side, side] } as const;
  const preprocessing: Preprocessing = { ...start.preprocessing, ...sizes, colour };
  const { origin } = start;
  return {
    settings,
    model: modelOf(settings, { graph, weights, preprocessing, origin }),
    headStart: HEAD_START,
  };
}

/** A training's model, with its classes and what they are made of. */
export function modelOf(
  { classes, map }: TrainSettings,
  parts: Omit<StartingModel['model'], 'classes'>,
): StartingModel['model'] {
  const origin: Origin = map === undefined ? parts.origin : { ...parts.origin, classMap: map };
  return { ...parts, classes, origin };
}

/** The graph of a starting model at another input size; one that is gone on from has its own only. */
export function trainingGraph(
  settings: TrainSettings,
  { origin, graph }: Model,
  inputSize: number,
): LayerGraph {
  if (settings.from !== undefined) return graph;
  return sizedGraph(settings, styleOf(origin), inputSize).graph;
}

function sizedGraph(settings: TrainSettings, style: NetStyle, inputSize: number) {
  const { model, recipe } = settings;
  const width = recipe.alpha === undefined ? {} : { alpha: recipe.alpha };
  const backbone = buildNet(model, { inputShape: [inputSize, inputSize, 3], weights: style, ...width });
  const classes = trainedClasses(settings).length;
  return { backbone, graph: withHead(backbone, { ...recipe.head, classes }) };
}

/** Padding and epsilon, which belong to the weights, as a model's origin remembers them. */
function styleOf(origin: Origin): NetStyle {
  const padding = origin['padding'] === 'keras' ? 'keras' : 'symmetric';
  return { padding, epsilon: Number(origin['epsilon'] ?? 1e-3) };
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
  checkFullWidth(settings);
  if (SHIPPED.includes(weights)) return fromModel(await loadShipped(weights), settings.model);
  if (/\.(keras|h5)$/.test(weights)) return fromModel(await loadKeras(weights), settings.model);
  return fromRecord(settings, weights, search);
}

/** @throws InputError for weights that are of one width alone */
function checkFullWidth({ weights, recipe: { alpha = 1 } }: TrainSettings): void {
  if (alpha === 1 || /\.(keras|h5)$/.test(weights)) return;
  throw new InputError({
    where: '--weights',
    received: `"${weights}", which has full width, and alpha ${alpha}`,
    expected: 'weights none, or the file of a model of that width',
  });
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
  return preprocessingOf(input, { inputSize: [0, 0] });
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
