import type { Augmentation } from '../data/augment-options.js';
import type { Fold, Recipe, SoftLabels, StageRecipe } from '../train/recipe.js';
import { checkField, choice, number, record, whole, type Field, type RecordField } from './fields.js';

const share = number(0, 1);
const chance = { probability: share };
const batchNorm = choice('frozen', 'trainable');
const factors = record({ low: number(0), high: number(0), ...chance }, ['low', 'high']);
const upTo = (name: string) => record({ [name]: number(0), ...chance }, [name]);
const pair: Field = { kind: 'list', of: number(0), length: 2 };

const augmentation = record({
  flip: record(chance),
  brightness: upTo('delta'),
  contrast: factors,
  saturation: factors,
  hue: upTo('delta'),
  zoomCrop: factors,
  shear: upTo('degrees'),
  scale: factors,
  rotation: upTo('degrees'),
  translation: upTo('fraction'),
  trivialAugment: record(chance),
  randAugment: record({ n: whole(1, 10), m: number(0, 30), ...chance }, ['n', 'm']),
  erasing: record({ area: pair, aspect: pair, fill: choice('mean', 'noise'), ...chance }, [
    'area',
    'aspect',
    'fill',
  ]),
  interpolation: choice('bilinear', 'bicubic'),
  border: choice('reflect', 'edge', 'constant'),
  fill: number(0, 255),
} satisfies Record<keyof Augmentation, Field>);

const loss = record(
  {
    name: choice('categoricalCrossentropy', 'focal'),
    labelSmoothing: share,
    gamma: number(0),
    alpha: { kind: 'list', of: number(0) },
  },
  ['name'],
  { by: 'name', need: { focal: ['gamma'] } },
);

const optimizer = record(
  {
    name: choice('adam', 'adamw', 'sgd'),
    beta1: share,
    beta2: share,
    epsilon: number(0),
    weightDecay: number(0),
    momentum: share,
    nesterov: { kind: 'boolean' },
  },
  ['name'],
  { by: 'name', need: { adamw: ['weightDecay'] } },
);

const schedule = record(
  {
    name: choice('constant', 'warmupCosine'),
    learningRate: number(0),
    minLearningRate: number(0),
    warmupEpochs: number(0),
  },
  ['name', 'learningRate'],
  { by: 'name', need: { warmupCosine: ['minLearningRate', 'warmupEpochs'] } },
);

const stage = record(
  {
    name: { kind: 'text' },
    epochs: whole(1),
    trainable: record({ layers: choice('head', 'top', 'all'), count: whole(0), batchNorm }, ['layers'], {
      by: 'layers',
      need: { top: ['count', 'batchNorm'], all: ['batchNorm'] },
    }),
    loss,
    optimizer,
    schedule,
    clip: record({ clipnorm: number(0), globalClipnorm: number(0) }),
    ema: share,
    batchNormMomentum: share,
    layerDecay: share,
    stochasticDepth: number(0, 0.9),
    preciseBatchNorm: whole(1),
    patience: whole(1),
    augmentation,
    mixup: record({
      alpha: number(0),
      law: choice('beta', 'reference'),
      perSample: { kind: 'boolean' },
      ...chance,
    }),
    cutmix: record({ alpha: number(0), perSample: { kind: 'boolean' }, ...chance }),
    inputSize: whole(32),
  } satisfies Record<keyof StageRecipe, Field>,
  ['name', 'epochs', 'trainable', 'loss', 'optimizer', 'schedule', 'augmentation'],
);

/** Every field of a recipe. */
export const recipeFields: RecordField = record(
  {
    name: { kind: 'text' },
    batchSize: whole(1),
    inputSize: whole(32),
    alpha: number(0.1, 4),
    sourceSize: whole(8, 1024),
    colour: choice('grey', 'rgb'),
    head: record({ kind: choice('reference', 'light'), dropout: share, l2: number(0) }),
    validationFraction: number(0, 0.9),
    splitGroups: choice('exact', 'near'),
    fold: record({ part: whole(1), of: whole(2) } satisfies Record<keyof Fold, Field>, ['part', 'of']),
    exclude: { kind: 'text' },
    relabel: { kind: 'text' },
    splitSeed: whole(0),
    trainFraction: number(0.001, 1),
    dropCopies: { kind: 'boolean' },
    oversample: share,
    classWeightBeta: number(0, 0.999999),
    auxiliaryClasses: { kind: 'list', of: { kind: 'text' } },
    softLabels: record({
      votes: { kind: 'text' },
      votesWeight: share,
      teachers: { kind: 'list', of: { kind: 'text' } },
      teacherWeight: share,
      sameView: { kind: 'boolean' },
      temperature: number(0.05, 100),
    } satisfies Record<keyof SoftLabels, Field>),
    temperatureScaling: { kind: 'boolean' },
    monitor: choice('valAccuracy', 'valMacroAccuracy', 'valLoss'),
    stages: { kind: 'list', of: stage },
  } satisfies Record<keyof Recipe, Field>,
  ['name', 'batchSize', 'inputSize', 'head', 'validationFraction', 'dropCopies', 'monitor', 'stages'],
);

/**
 * Throws unless plain data is a recipe; returns it.
 * @throws InputError naming the field, e.g. `recipe.stages.1.schedule.learningRate`
 */
export function checkRecipe(recipe: unknown): Recipe {
  checkField('recipe', recipe, recipeFields);
  return recipe as Recipe;
}
