import { mcnemarTest } from '../evaluate/mcnemar.js';
import { wilsonInterval } from '../evaluate/metrics.js';
import { pairedDifference } from '../evaluate/paired.js';
import type { FileAccuracy } from '../evaluate/quantization.js';
import { bestOf } from '../core/rows.js';
import { median } from '../core/statistics.js';
import { sizeOf, type Tensor } from '../core/tensor.js';
import type { PictureSource } from '../export/quantize/engine.js';
import { permuteAxes } from '../layers/permute.js';
import type { Feeds, Runtime, Session } from '../runtime/session.js';

/** A file under measurement. */
export interface MeasuredFile {
  readonly bytes: Uint8Array;
  readonly runtime: Runtime;
  readonly input: string;
  /** `tflite` files take pictures one by one, channels last. */
  readonly format: 'onnx' | 'tflite';
}

/** What a file answered: the class of each picture. */
export async function answersOf(
  { bytes, runtime, input, format }: MeasuredFile,
  source: PictureSource,
  count: number,
  onProgress: (done: number) => void,
): Promise<number[]> {
  const session = await runtime.createSession(bytes);
  const answers: number[] = [];
  try {
    for (let index = 0; index < source.count; index++) {
      const batch = await source.batch(index);
      const feeds = format === 'onnx' ? [batch] : pictures(batch);
      for (const feed of feeds) answers.push(...(await classesOf(session, input, feed)));
      onProgress(Math.min(count, answers.length));
    }
  } finally {
    await session.close();
  }
  return answers.slice(0, count);
}

async function classesOf(session: Session, input: string, feed: Tensor): Promise<number[]> {
  const [output] = Object.values(await session.run({ [input]: feed }));
  const data = Array.from(output?.data ?? [], Number);
  const classes = output?.shape.at(-1) ?? 1;
  return Array.from({ length: data.length / classes }, (_, row) => bestOf(data, row, classes));
}

/** The pictures of a batch one by one, channels last. */
export function pictures({ data, shape }: Tensor<'float32'>): Tensor<'float32'>[] {
  const [n = 1, c = 1, h = 1, w = 1] = shape;
  const last = permuteAxes(data, shape, [0, 2, 3, 1]);
  const size = sizeOf(shape.slice(1));
  return Array.from({ length: n }, (_, i) => ({
    dtype: 'float32',
    shape: [1, h, w, c],
    data: last.slice(i * size, (i + 1) * size),
  }));
}

/** Compares answers with the float model's and the truth. */
export function fileAccuracy(
  answers: readonly number[],
  float: readonly number[],
  labels: ArrayLike<number>,
  classes: number,
): FileAccuracy {
  const n = answers.length;
  const count = (test: (i: number) => boolean) => answers.filter((_, i) => test(i)).length;
  const right = (list: readonly number[], i: number) => list[i] === labels[i];
  const onlyFirst = count((i) => right(float, i) && !right(answers, i));
  const onlySecond = count((i) => !right(float, i) && right(answers, i));
  const hits = count((i) => right(answers, i));
  const confusion = Array.from({ length: classes }, (_, a) =>
    Array.from({ length: classes }, (_value, b) => count((i) => float[i] === a && answers[i] === b)),
  );
  return {
    accuracy: hits / n,
    accuracyInterval: wilsonInterval(hits, n),
    same: count((i) => answers[i] === float[i]) / n,
    ...pairedDifference(onlyFirst, onlySecond, n),
    p: mcnemarTest(onlyFirst, onlySecond).p,
    confusion,
  };
}

/** Rounds in which files take turns, and passes in each that count. */
const PLAN = { rounds: 6, warmUp: 2, timed: 8 } as const;

/** Median milliseconds of one picture through each file on one thread, in turns, so that a busy machine slows all alike. */
export async function latenciesOf(files: readonly MeasuredFile[], source: PictureSource): Promise<number[]> {
  const [first] = pictures(await source.batch(0));
  if (first === undefined) return [];
  const [, h = 1, w = 1, c = 1] = first.shape;
  const planes = { ...first, shape: [1, c, h, w], data: permuteAxes(first.data, first.shape, [0, 3, 1, 2]) };
  const subjects: Timed[] = [];
  try {
    for (const { runtime, bytes, input, format } of files) {
      const session = await runtime.createSession(bytes, { threads: 1 });
      subjects.push({ session, feeds: { [input]: format === 'onnx' ? planes : first }, times: [] });
    }
    for (let round = 0; round < PLAN.rounds; round++) for (const subject of subjects) await timed(subject);
  } finally {
    for (const { session } of subjects) await session.close();
  }
  return subjects.map(({ times }) => Number(median(times).toFixed(3)));
}

interface Timed {
  readonly session: Session;
  readonly feeds: Feeds;
  /** Milliseconds of each pass. */
  readonly times: number[];
}

async function timed({ session, feeds, times }: Timed): Promise<void> {
  for (let pass = -PLAN.warmUp; pass < PLAN.timed; pass++) {
    const started = performance.now();
    await session.run(feeds);
    if (pass >= 0) times.push(performance.now() - started);
  }
}
