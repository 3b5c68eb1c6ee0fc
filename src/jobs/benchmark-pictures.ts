import { evaluationBatches } from '../data/batches.js';
import type { ImageSet, Picture } from '../data/images.js';
import { endsInSoftmax } from '../export/program/build-program.js';
import { softmaxRows } from '../predict/rows.js';
import type { Runtime } from '../runtime/session.js';
import type { BenchmarkOptions } from './benchmark.js';
import type { BenchmarkSubject } from './benchmark-subjects.js';
import type { JobHooks } from './events.js';
import { loadForEvaluation } from './evaluate-data.js';
import { loadSamples } from './export-samples.js';
import { layerAnswers } from './layer-answers.js';
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
  if (reference === undefined) return { pictures, source, expected: undefined, labelled: labelled?.images };
  const { outputs, classes } = await layerAnswers(runtime, reference, pictures);
  const ends = endsInSoftmax(reference.graph, reference.graph.outputs[0] ?? '');
  return {
    pictures,
    source: `${pictures.length} pictures, ${source}`,
    expected: ends ? outputs : softmaxRows(outputs, classes),
    labelled: labelled?.images,
  };
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
    for (let i = 0; i < batch.count; i++) {
      const row = rows.subarray(i * classes, (i + 1) * classes);
      const best = row.reduce((most, p, k) => (p > (row[most] ?? 0) ? k : most), 0);
      if (best === images.labels[indices[done + i] ?? 0]) correct++;
    }
    done += batch.count;
    onBatch(done);
  }
  return correct;
}
