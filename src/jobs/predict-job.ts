import { InputError, UsageError } from '../core/errors.js';
import { pictureShapeOf } from '../core/preprocessing.js';
import { sizeOf } from '../core/tensor.js';
import type { FaceDetector } from '../faces/face.js';
import { answerOf } from '../predict/answer.js';
import { createClassifier, type Classifier } from '../predict/classifier.js';
import type { Averaging } from '../predict/inference.js';
import type { Runtime } from '../runtime/session.js';
import type { AnyModel } from './any-model.js';
import { withRecords, type ModelRecords } from './model-records.js';
import { classifierParts, modelClasses, modelPreprocessing, openClassifier } from './model-source.js';
import { faceFinder } from './find-faces.js';
import {
  readPictures,
  type FaceInPicture,
  type FacelessPicture,
  type PictureItem,
  type ReadPicture,
  type UnreadPicture,
} from './predict-pictures.js';

/** What {@link predictFiles} classifies. */
export interface PredictOptions extends ModelRecords {
  /** A shipped model's name, a run folder, a `.keras`, `.onnx` or `.tflite` file, or a model at hand. */
  readonly model: string | AnyModel;
  /** Picture files and folders of them, searched through to the bottom. */
  readonly paths: readonly string[];
  /** Pictures per run of the network; default 32. */
  readonly batchSize?: number;
  /** Average each answer over the picture and its mirror image; default false. */
  readonly flip?: boolean;
  /**
   * Find the faces in each picture and answer for each of them; default true. False: each picture is one face, cropped
   * already. Pictures of at most {@link SMALL_FACE} pixels are taken so in any case.
   */
  readonly detect?: boolean;
  /** The detector, default Mien's own; it is not closed. */
  readonly detector?: FaceDetector;
  /** Over which views of a picture answers are averaged; default `flip` or `none`, as `flip` says. */
  readonly average?: Averaging;
  readonly runtime: Runtime;
}

/** A classified face. */
export interface Prediction {
  readonly file: string;
  /** Where the face was found; undefined where the whole picture was taken as a face. */
  readonly face?: FaceInPicture;
  /** The most probable class. */
  readonly class: string;
  /** By class, in [0, 1], summing to 1. */
  readonly probabilities: Readonly<Record<string, number>>;
  /** Reading, finding, resizing and the network: this face's share. */
  readonly milliseconds: number;
}

/** A row of {@link predictFiles}. */
export type PredictionRow = Prediction | FacelessPicture | FailedPrediction;

/** A picture that could not be read. */
export type FailedPrediction = UnreadPicture;

/**
 * Finds the faces in pictures of any size and recognizes each one's expression, picture after picture in the order in
 * which they are found.
 *
 * A row per face; a picture without faces gives a row that says so. Memory does not grow with the number of pictures:
 * folders are walked as a stream and only one batch is held.
 * A picture that cannot be read gives a row with its error, and the others follow.
 *
 * @throws InputError when the model or a path is missing, or nothing is a picture
 * @example
 * for await (const row of predictFiles({ model: 'mien', paths: ['photos'], runtime: ortNode() })) {
 *   if ('class' in row) console.log(row.file, row.face?.box, row.class);
 * }
 */
export async function* predictFiles(options: PredictOptions): AsyncGenerator<PredictionRow, void, undefined> {
  const { runtime, batchSize = 32, paths } = options;
  const average = averagingOf(options);
  const opened = typeof options.model === 'string' ? await openClassifier(options.model) : options.model;
  const model = withRecords(opened, options);
  const finder = options.detect === false ? undefined : faceFinder(runtime, options.detector);
  const pictures = readPictures(paths, modelPreprocessing(model), finder?.find);
  let network: Network | undefined;
  let found = 0;
  try {
    for await (const batch of batchesOf(pictures, batchSize)) {
      found += batch.length;
      // The first batch decides the graph's size, so that one picture does not pay for a whole batch.
      network ??= await Network.open(runtime, model, { batchSize: batch.length, average });
      yield* await network.classify(batch);
    }
  } finally {
    await network?.close();
    await finder?.close();
  }
  if (found === 0) throw nothingFound(paths);
}

/** Which views are averaged, of the two ways to say it. @throws UsageError when they contradict each other */
export function averagingOf({ flip = false, average }: Pick<PredictOptions, 'flip' | 'average'>): Averaging {
  if (!flip) return average ?? 'none';
  if (average === undefined || average === 'flip') return 'flip';
  const expected = 'one of the two';
  throw new UsageError({ where: '--average', received: `${average} beside --flip`, expected });
}

async function* batchesOf(items: AsyncIterable<PictureItem>, size: number): AsyncGenerator<PictureItem[]> {
  let batch: PictureItem[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** A classifier with what its answers mean. */
class Network {
  private constructor(
    private readonly classifier: Classifier,
    private readonly classes: readonly string[],
    private readonly pictureLength: number,
  ) {}

  static async open(
    runtime: Runtime,
    model: AnyModel,
    { batchSize, average }: { batchSize: number; average: Averaging },
  ): Promise<Network> {
    const preprocessing = modelPreprocessing(model);
    const pictureShape = pictureShapeOf(preprocessing);
    const classifier = await createClassifier(runtime, {
      ...classifierParts(model, average),
      batchSize,
      pictureShape,
    });
    return new Network(classifier, modelClasses(model), sizeOf(pictureShape));
  }

  /** Answers for at most `batchSize` pictures, in their order. */
  async classify(batch: readonly PictureItem[]): Promise<PredictionRow[]> {
    const read = batch.filter((item) => 'planes' in item);
    const x = new Float32Array(this.classifier.batchSize * this.pictureLength);
    read.forEach(({ planes }, row) => x.set(planes, row * this.pictureLength));
    const started = performance.now();
    const rows = read.length === 0 ? x : await this.classifier.probabilities(x);
    const share = (performance.now() - started) / read.length;
    let row = 0;
    return batch.map((item) => ('planes' in item ? this.answer(item, rows, row++, share) : item));
  }

  close(): Promise<void> {
    return this.classifier.close();
  }

  private answer(
    { file, face, milliseconds }: ReadPicture,
    rows: Float32Array,
    row: number,
    share: number,
  ): Prediction {
    const { classes } = this;
    const values = rows.subarray(row * classes.length, (row + 1) * classes.length);
    return {
      file,
      ...(face === undefined ? {} : { face }),
      ...answerOf(classes, values),
      milliseconds: milliseconds + share,
    };
  }
}

function nothingFound(paths: readonly string[]): InputError {
  return new InputError({
    where: paths.join(', '),
    received: 'no picture',
    expected: 'files of type png, jpg, jpeg, bmp or webp',
  });
}
