import { pictureShapeOf } from '../core/preprocessing.js';
import { createRandom } from '../core/random.js';
import { median, quantile } from '../core/statistics.js';
import { sizeOf } from '../core/tensor.js';
import type { Latency } from '../evaluate/compare/comparison.js';
import type { Model } from '../models/model.js';
import { createClassifier, type Classifier } from '../predict/classifier.js';
import type { Runtime } from '../runtime/session.js';
import type { JobHooks } from './events.js';
import { inferenceOf } from './model-source.js';

/** How the passes of one model are spread; timed are `rounds` × `timed`. */
const PLAN = { rounds: 8, warmUp: 4, timed: 10 } as const;

/**
 * Times single pictures through several models: from pixels at the preprocessing record's source size to
 * probabilities, decoding left out.
 *
 * The models take turns, so that a machine that slows down slows all of them; each turn begins with passes
 * that do not count, for the threads of the model before spin on for a while.
 *
 * @returns one measurement per model, in order; undefined when asked to stop
 */
export async function measureLatencies(
  runtime: Runtime,
  models: readonly Model[],
  hooks: JobHooks = {},
): Promise<Latency[] | undefined> {
  const subjects: Subject[] = [];
  try {
    for (const model of models) subjects.push(await open(runtime, model));
    for (let round = 0; round < PLAN.rounds; round++) {
      for (const [i, subject] of subjects.entries()) {
        if (hooks.shouldStop?.() === true) return undefined;
        await takeTurn(subject);
        const done = round * subjects.length + i + 1;
        const total = PLAN.rounds * subjects.length;
        hooks.onEvent?.({ kind: 'working', what: 'measuring latency', done, total });
      }
    }
    return subjects.map(({ times }) => summary(times));
  } finally {
    for (const { classifier } of subjects) await classifier.close();
  }
}

interface Subject {
  readonly classifier: Classifier;
  readonly picture: Float32Array;
  /** Milliseconds. */
  readonly times: number[];
}

async function open(runtime: Runtime, model: Model): Promise<Subject> {
  const inference = inferenceOf(model);
  const pictureShape = pictureShapeOf(inference.preprocessing);
  const options = { ...inference, batchSize: 1, pictureShape };
  const picture = new Float32Array(sizeOf(pictureShape));
  createRandom(0).fork('latency').fill(picture);
  return {
    classifier: await createClassifier(runtime, options),
    picture: picture.map((share) => Math.floor(share * 256)),
    times: [],
  };
}

async function takeTurn({ classifier, picture, times }: Subject): Promise<void> {
  for (let pass = 0; pass < PLAN.warmUp; pass++) await classifier.probabilities(picture);
  for (let pass = 0; pass < PLAN.timed; pass++) {
    const started = performance.now();
    await classifier.probabilities(picture);
    times.push(performance.now() - started);
  }
}

function summary(times: readonly number[]): Latency {
  const round = (value: number) => Number(value.toFixed(3));
  return { p50: round(median(times)), p90: round(quantile(times, 0.9)), runs: times.length };
}
