import { join } from 'node:path';

import { writeFileAtomic } from '../core/files.js';
import { createRandom, type Random } from '../core/random.js';
import { imageAt, imageBytes, imageCount, subset, type ImageSet } from '../data/images.js';
import { perturbations, type Perturbation } from '../data/perturb/perturbations.js';
import { renderPng } from '../evaluate/charts/render.js';
import { robustnessChart } from '../evaluate/charts/robustness.js';
import { computeMetrics } from '../evaluate/metrics.js';
import {
  commonestShare,
  formatRobustnessCsv,
  robustnessFigures,
  type Robustness,
  type RobustnessCurve,
  type RobustnessFigures,
} from '../evaluate/robustness/robustness.js';
import { createClassifier, type Classifier } from '../predict/classifier.js';
import type { Averaging } from '../predict/inference.js';
import { scoreBatches } from '../predict/scores.js';
import type { Runtime } from '../runtime/session.js';
import type { AnyModel } from './any-model.js';
import type { JobHooks } from './events.js';
import { classifierParts } from './model-source.js';

const BATCH = 64;

/** What {@link measureRobustness} measures. */
export interface RobustnessInput {
  readonly runtime: Runtime;
  readonly model: AnyModel;
  readonly images: ImageSet;
  readonly indices: readonly number[];
  readonly split: string;
  readonly average: Averaging;
  readonly seed: number;
}

/**
 * Measures a model on changed pictures: every severity of every perturbation, all on the same pictures. What is drawn
 * for a picture depends on the seed and its name alone.
 */
export async function measureRobustness(input: RobustnessInput, hooks: JobHooks = {}): Promise<Robustness> {
  const { runtime, model, split, average, seed } = input;
  const images = subset(input.images, input.indices);
  const pictureShape = [images.channels, images.height, images.width] as const;
  const parts = { ...classifierParts(model, average), batchSize: BATCH, pictureShape };
  const classifier = await createClassifier(runtime, parts);
  try {
    const scores = await scoreBatches(classifier, images, [...images.labels.keys()]);
    const clean = robustnessFigures(scores);
    const curves = await allCurves({ classifier, images, clean, random: createRandom(seed) }, hooks);
    const commonest = commonestShare(computeMetrics(scores));
    return {
      ...{ version: 1, split, average, seed, n: imageCount(images), classes: images.classes },
      ...{ commonest, clean, curves },
    };
  } finally {
    await classifier.close();
  }
}

interface Bench {
  readonly classifier: Classifier;
  readonly images: ImageSet;
  readonly clean: RobustnessFigures;
  readonly random: Random;
}

async function allCurves(bench: Bench, { onEvent }: JobHooks): Promise<RobustnessCurve[]> {
  const total = perturbations.reduce((sum, { severities }) => sum + severities.length, 0);
  const curves: RobustnessCurve[] = [];
  let done = 0;
  for (const perturbation of perturbations) {
    const { name, title, severities } = perturbation;
    const points = [];
    for (const { value, label } of severities) {
      onEvent?.({ kind: 'working', what: `changing pictures: ${name} ${label}`, done: done++, total });
      const figures = value === null ? bench.clean : await measureAt(bench, perturbation, value);
      points.push({ value, label, ...figures });
    }
    curves.push({ name, title, points });
  }
  return curves;
}

async function measureAt(
  { classifier, images, random }: Bench,
  { name, apply }: Perturbation,
  value: number,
): Promise<RobustnessFigures> {
  const size = imageBytes(images);
  const pixels = new Uint8Array(images.pixels.length);
  for (const [image, file] of images.names.entries()) {
    const changed = await apply(imageAt(images, image), value, random.fork(name, file));
    pixels.set(changed.pixels, image * size);
  }
  const set = { ...images, pixels };
  return robustnessFigures(await scoreBatches(classifier, set, [...set.labels.keys()]));
}

/** Writes robustness.json, robustness.csv and robustness.png into a folder. @throws InputError when it cannot */
export function writeRobustness(folder: string, robustness: Robustness): void {
  writeFileAtomic(join(folder, 'robustness.json'), `${JSON.stringify(robustness, null, 2)}\n`);
  writeFileAtomic(join(folder, 'robustness.csv'), formatRobustnessCsv(robustness));
  writeFileAtomic(join(folder, 'robustness.png'), renderPng(robustnessChart(robustness)));
}
