import { bestOf } from '../core/rows.js';
import { evaluationBatches } from '../data/batches.js';
import type { ImageSet, Picture } from '../data/images.js';
import type { Runtime } from '../runtime/session.js';
import type { BenchmarkOptions } from './benchmark.js';
import type { BenchmarkSubject } from './benchmark-subjects.js';
import type { JobHooks } from './events.js';
import { loadForEvaluation } from './evaluate-data.js';
import { loadSamples } from './export-samples.js';
import { layerAnswers, probabilitiesOf } from './layer-answers.js';
import { classMapOf } from './load-classes.js';
import { modelClasses, modelPreprocessing } from './model-source.js';

/** Pictures that the files of one model are measured on. */
export interface BenchmarkPictures {
  readonly pictures: readonly Picture[];
  /** In words. */
  readonly source: string;
  /** Probabilities of the float layers for each picture, [n, K]; undefined without layers. */
  readonly expected: Float32Array | undefined;
  /** Labelled pictures; undefined without data. */
  readonly labelled: ImageSet | undefined;
}

/** Loads them. @throws InputError when the data or a record is missing */
export async function benchmarkPictures(
  { data, cacheDir }: BenchmarkOptions,
  { model, reference }: BenchmarkSubject,
  runtime: Runtime,
  hooks: JobHooks,
): Promise<BenchmarkPictures> {
  const preprocessing = modelPreprocessing(model);
  const place = { ...(data === undefined ? {} : { data }), ...(cacheDir === undefined ? {} : { cacheDir }) };
  const { pictures, source } = await loadSamples(preprocessing, place, hooks);
  const labelled =
    data === undefined
      ? undefined
      : await loadForEvaluation(
          {
            data,
            split: 'test',
            classes: modelClasses(model),
            preprocessing,
            ...(classMapOf(model.origin) === undefined ? {} : { map: classMapOf(model.origin) ?? {} }),
            ...(cacheDir === undefined ? {} : { cacheDir }),
          },
          hooks,
        );
  const expected =
    reference === undefined
      ? undefined
      : probabilitiesOf(reference, await layerAnswers(runtime, reference, pictures));
  const described = `${pictures.length} pictures, ${source}`;
  return { pictures, source: described, expected, labelled: labelled?.images };
}

/** Right answers over a set. @param probabilities of a batch of `size` pictures */
export async function countCorrect(
  images: ImageSet,
  size: number,
  probabilities: (pictures: Float32Array) => Promise<Float32Array>,
  onBatch: (done: number) => void,
): Promise<number> {
  const indices = [...images.labels.keys()];
  const classes = images.classes.length;
  let [correct, done] = [0, 0];
  for (const batch of evaluationBatches(images, indices, size)) {
    const rows = await probabilities(batch.x);
    for (let i = 0; i < batch.count; i++)
      if (bestOf(rows, i, classes) === images.labels[indices[done + i] ?? 0]) correct++;
    done += batch.count;
    onBatch(done);
  }
  return correct;
}
