import { checkInteger } from '../core/checks.js';
import { InputError, UsageError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { evaluationBatches } from '../data/batches.js';
import type { ImageSet } from '../data/images.js';
import { loadKeras, saveKeras } from '../export/keras/archive.js';
import type { JsonObject } from '../layers/json.js';
import { kernelsFor } from '../lower/kernels.js';
import type { Model, Weights } from '../models/model.js';
import type { Runtime } from '../runtime/session.js';
import { PreciseBatchNorm } from '../train/precise-batch-norm.js';
import { validate } from '../train/validation.js';
import { calibrationOf } from './calibrate.js';
import type { JobHooks } from './events.js';
import { inferenceOf } from './model-source.js';
import { averageWeights, brewGreedily } from './soup.js';
import { openIngredients, type Ingredient, type Pot } from './soup-ingredients.js';

/** Pictures per run of the network. */
const BATCH = 64;

/** What {@link soupJob} mixes. */
export interface SoupOptions {
  /** Finished runs of one net, the same starting weights and data. */
  readonly runs: readonly string[];
  /** The `.keras` file to write. */
  readonly out: string;
  /** `greedy` (default) keeps a run only where it does not lower the accuracy on validation; `uniform` takes all. */
  readonly method?: 'greedy' | 'uniform';
  /** Batches of 64 training pictures from which batch-norm statistics are computed anew; default 50. */
  readonly batches?: number;
  readonly cacheDir?: string;
  readonly runtime: Runtime;
}

/** What {@link soupJob} made. */
export interface Soup {
  readonly method: 'greedy' | 'uniform';
  /** In the order in which they were tried; accuracies on the common validation part, null where there is none. */
  readonly ingredients: readonly {
    readonly run: string;
    readonly accuracy: number | null;
    readonly used: boolean;
  }[];
  readonly accuracy: number | null;
  readonly out: string;
}

/**
 * Averages the weights of finished runs into one model that costs no more than each of them ("model soups", Wortsman et
 * al. 2022, arXiv:2203.05482), with batch-norm statistics computed anew on training pictures.
 *
 * @throws InputError when the runs do not fit each other, or share no validation part that a greedy choice needs
 * @example await soupJob({ runs: ['runs/a', 'runs/b'], out: 'soup.keras', runtime: ortNode() });
 */
export async function soupJob(options: SoupOptions, hooks: JobHooks = {}): Promise<Soup> {
  const { runs, out, method = 'greedy' } = options;
  checkOptions(options);
  const pot = await openIngredients(runs, options, hooks);
  const kitchen = await Kitchen.open(pot, options);
  try {
    const judged = await kitchen.judgeAll(pot.ingredients);
    const { weights, used, accuracy } =
      method === 'greedy' ? await greedy(kitchen, judged) : await uniform(kitchen, judged);
    const ingredients = judged.map(({ run, accuracy: own }) => ({
      run,
      accuracy: own,
      used: used.includes(run),
    }));
    const origin = { soup: { method, ingredients, accuracy } satisfies JsonObject };
    await saveKeras(out, await kitchen.finish(weights, origin));
    return { method, ingredients, accuracy, out };
  } finally {
    await kitchen.close();
  }
}

interface Judged extends Ingredient {
  readonly accuracy: number | null;
}

interface Mixture {
  readonly weights: Weights;
  readonly used: readonly string[];
  readonly accuracy: number | null;
}

async function greedy(kitchen: Kitchen, ingredients: readonly Judged[]): Promise<Mixture> {
  const accuracies = ingredients.map(({ accuracy }) => accuracy ?? 0);
  const brewed = await brewGreedily(accuracies, async (chosen) => {
    const weights = await kitchen.mix(chosen.map((i) => ingredients[i]?.model.weights ?? new Map()));
    return { weights, accuracy: (await kitchen.accuracyOf(weights)) ?? 0 };
  });
  const used = brewed.chosen.map((i) => ingredients[i]?.run ?? '');
  const weights = brewed.weights ?? ingredients[0]?.model.weights ?? new Map<string, Float32Array>();
  return { weights, used, accuracy: brewed.accuracy };
}

async function uniform(kitchen: Kitchen, ingredients: readonly Judged[]): Promise<Mixture> {
  const weights = await kitchen.mix(ingredients.map(({ model }) => model.weights));
  return { weights, used: ingredients.map(({ run }) => run), accuracy: await kitchen.accuracyOf(weights) };
}

/** Mixes and judges weights of one net. */
class Kitchen {
  private constructor(
    private readonly runtime: Runtime,
    private readonly pot: Pot,
    private readonly norms: PreciseBatchNorm,
    private readonly batches: number,
  ) {}

  static async open(pot: Pot, { runtime, batches = 50 }: SoupOptions): Promise<Kitchen> {
    const [first] = pot.ingredients;
    // A copy of the graph, in which every norm is measured, whatever trained last.
    const { graph, weights } = await loadKeras(first.file);
    for (const layer of graph.layers) layer.trainable = true;
    const { images } = pot;
    const norms = await PreciseBatchNorm.create(runtime, kernelsFor(undefined, BATCH), {
      ...{ graph, weights, preprocessing: inferenceOf(first.model).preprocessing, batchSize: BATCH },
      pictureShape: [images.channels, images.height, images.width],
    });
    return new Kitchen(runtime, pot, norms, batches);
  }

  /** Every ingredient with its own accuracy, the best first. */
  async judgeAll(ingredients: readonly Ingredient[]): Promise<readonly Judged[]> {
    const judged: Judged[] = [];
    for (const ingredient of ingredients)
      judged.push({ ...ingredient, accuracy: await this.accuracyOf(ingredient.model.weights) });
    return judged.sort((a, b) => (b.accuracy ?? 0) - (a.accuracy ?? 0));
  }

  /** The mean of weights, with statistics of its own. */
  mix(all: readonly Weights[]): Promise<Weights> {
    return this.norms.recalibrate(averageWeights(all), this.trainingBatches());
  }

  async accuracyOf(weights: Weights): Promise<number | null> {
    const { ingredients, validation } = this.pot;
    if (validation === undefined) return null;
    const model = { ...ingredients[0].model, weights };
    const options = { ...inferenceOf(model), batchSize: BATCH };
    return (await validate(this.runtime, options, this.answered, validation)).accuracy;
  }

  /** The model to keep; a temperature is fitted anew where the ingredients had one. */
  async finish(weights: Weights, origin: JsonObject): Promise<Model> {
    const { ingredients, validation } = this.pot;
    const { calibration, ...first } = ingredients[0].model;
    const model: Model = { ...first, weights, origin: { ...first.origin, ...origin } };
    if (calibration === undefined || validation === undefined) return model;
    return { ...model, calibration: await calibrationOf(this.runtime, model, this.answered, validation) };
  }

  close(): Promise<void> {
    return this.norms.close();
  }

  /** The pictures under the names that the model answers. */
  private get answered(): ImageSet {
    const { images, ingredients } = this.pot;
    return { ...images, classes: ingredients[0].model.classes ?? images.classes };
  }

  private trainingBatches() {
    const { images, train } = this.pot;
    const drawn = createRandom(0)
      .fork('soup')
      .shuffle([...train]);
    const whole = Math.max(1, Math.floor(drawn.length / BATCH));
    return evaluationBatches(images, drawn.slice(0, BATCH * Math.min(this.batches, whole)), BATCH);
  }
}

function checkOptions({ runs, out, batches = 1 }: SoupOptions): void {
  checkInteger('--batches', batches, 1);
  const expected = 'two or more different runs';
  if (new Set(runs).size < 2 || new Set(runs).size < runs.length)
    throw new UsageError({ where: 'soup', received: runs.join(', '), expected });
  if (out.endsWith('.keras')) return;
  throw new InputError({ where: '--out', received: `"${out}"`, expected: 'a file name that ends in .keras' });
}
