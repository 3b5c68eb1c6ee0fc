import { basename } from 'node:path';

import { quantile } from '../core/statistics.js';
import type { Tensor } from '../core/tensor.js';
import { createFeeder, createFileClassifier } from '../predict/file-classifier.js';
import type { FileNet } from '../predict/file-net.js';
import type { Runtime, Session } from '../runtime/session.js';
import { agreementOf, type Agreement } from './agreement.js';
import type { BenchmarkEngine, BenchmarkRow } from './benchmark.js';
import { countCorrect, type BenchmarkPictures } from './benchmark-pictures.js';
import { THROUGHPUT_BATCH, type BenchmarkSubject } from './benchmark-subjects.js';
import type { JobHooks } from './events.js';
import { planesOf } from './layer-answers.js';
import { modelPreprocessing } from './model-source.js';

/** A file in an engine, opened for timing. */
export interface OpenRow {
  readonly session: Session;
  /** One pass of one picture. */
  pass(): Promise<unknown>;
  /** One pass of {@link THROUGHPUT_BATCH} pictures. */
  batchPass(): Promise<unknown>;
  /** Milliseconds of passes. */
  readonly times: number[];
  readonly batchTimes: number[];
  close(): Promise<void>;
  finish(): BenchmarkRow;
}

interface RowParts {
  readonly subject: BenchmarkSubject;
  readonly engine: BenchmarkEngine;
  readonly runtime: Runtime;
  readonly pictures: BenchmarkPictures;
  readonly hooks: JobHooks;
}

/** Opens a file in an engine and measures all but times. */
export async function openRow(parts: RowParts): Promise<OpenRow> {
  const sessions: Session[] = [];
  const close = async () => {
    for (const session of sessions) await session.close();
  };
  return measuredRow(parts, sessions, close).catch(async (error: unknown) => {
    await close();
    throw error;
  });
}

/** @param sessions gets what is opened, as soon as it is */
async function measuredRow(
  parts: RowParts,
  sessions: Session[],
  close: () => Promise<void>,
): Promise<OpenRow> {
  const { subject, engine, pictures } = parts;
  const before = process.memoryUsage().rss;
  const one = await openBatch(parts, subject.single, { count: 1, sessions });
  await one.pass();
  const memory = Math.max(0, process.memoryUsage().rss - before);
  const many = await openBatch(parts, subject.batched, { count: THROUGHPUT_BATCH, sessions });
  const agreement = await agreementWith(parts);
  const accuracy = pictures.labelled === undefined ? null : await accuracyOf(parts);
  const [times, batchTimes]: [number[], number[]] = [[], []];
  return {
    session: one.session,
    pass: one.pass,
    batchPass: many.pass,
    times,
    batchTimes,
    close,
    finish: () => ({
      ...describe(subject, engine),
      agreement,
      accuracy,
      latency: latencyOf(times),
      throughput: rounded((1000 * THROUGHPUT_BATCH) / quantile(batchTimes, 0.5)),
      memory,
      error: null,
    }),
  };
}

/** A session with pictures to run; files that take fewer at a time run several times for one pass. */
async function openBatch(
  { subject, engine, runtime, pictures }: RowParts,
  bytes: Uint8Array,
  { count, sessions }: { readonly count: number; readonly sessions: Session[] },
): Promise<{ readonly session: Session; readonly pass: () => Promise<unknown> }> {
  const session = await engine.runtime.createSession(bytes);
  sessions.push(session);
  const { net } = subject.model;
  const size = bytes === subject.single ? (net.batch ?? count) : count;
  const x = await feedOf(subject, runtime, pictures, size);
  const times = Math.ceil(count / size);
  const pass = async () => {
    for (let i = 0; i < times; i++) await session.run({ [net.input.name]: x });
  };
  return { session, pass };
}

async function feedOf(
  { model }: BenchmarkSubject,
  runtime: Runtime,
  { pictures }: BenchmarkPictures,
  batch: number,
): Promise<Tensor> {
  const feeder = await createFeeder(runtime, fileOptions(model.net, pictures, model), batch);
  try {
    return await feeder.feed(planesOf(pictures, 0, batch));
  } finally {
    await feeder.close();
  }
}

function fileOptions(
  net: FileNet,
  pictures: BenchmarkPictures['pictures'],
  model: BenchmarkSubject['model'],
) {
  const { height = 1, width = 1, channels = 1 } = pictures[0] ?? {};
  const pictureShape = [channels, height, width] as const;
  const { calibration } = model;
  return {
    ...{ net, preprocessing: modelPreprocessing(model), batchSize: THROUGHPUT_BATCH, pictureShape },
    ...(calibration === undefined ? {} : { calibration }),
  };
}

/** A classifier that runs the very file in the very engine. */
function classifierOf({ subject, engine, runtime, pictures }: RowParts) {
  const { model, batched, single } = subject;
  const batch = batched === single ? model.net.batch : THROUGHPUT_BATCH;
  const net: FileNet = {
    ...model.net,
    open: async (_, wanted) => ({
      session: await engine.runtime.createSession(batched),
      batch: batch ?? wanted,
    }),
  };
  return createFileClassifier(runtime, fileOptions(net, pictures.pictures, model));
}

async function agreementWith(parts: RowParts): Promise<Agreement | null> {
  const { expected, pictures } = parts.pictures;
  if (expected === undefined) return null;
  const classes = expected.length / pictures.length;
  const classifier = await classifierOf(parts);
  const found = new Float32Array(expected.length);
  try {
    for (let start = 0; start < pictures.length; start += THROUGHPUT_BATCH) {
      const rows = await classifier.probabilities(planesOf(pictures, start, THROUGHPUT_BATCH));
      const left = Math.min(THROUGHPUT_BATCH, pictures.length - start);
      found.set(rows.subarray(0, left * classes), start * classes);
    }
  } finally {
    await classifier.close();
  }
  return agreementOf(found, expected, classes);
}

async function accuracyOf(parts: RowParts): Promise<BenchmarkRow['accuracy']> {
  const { subject, engine, pictures, hooks } = parts;
  const { labelled } = pictures;
  if (labelled === undefined) return null;
  const classifier = await classifierOf(parts);
  const total = labelled.labels.length;
  const what = `accuracy of ${subject.label} ${subject.precision} in ${engine.name}`;
  try {
    const correct = await countCorrect(
      labelled,
      THROUGHPUT_BATCH,
      (x) => classifier.probabilities(x),
      (done) => hooks.onEvent?.({ kind: 'working', what, done, total }),
    );
    return { correct, images: total };
  } finally {
    await classifier.close();
  }
}

/** Rounds of turns; each begins with passes that do not count. */
const ROUNDS = 5;
const WARM_UP = 2;

/** Times all rows in turns. @param runs passes of one picture in all */
export async function timeRows(rows: readonly OpenRow[], runs: number, hooks: JobHooks): Promise<void> {
  const each = Math.ceil(runs / ROUNDS);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, row] of rows.entries()) {
      const done = round * rows.length + i;
      hooks.onEvent?.({ kind: 'working', what: 'measuring latency', done, total: ROUNDS * rows.length });
      for (let k = 0; k < WARM_UP; k++) await row.pass();
      for (let k = 0; k < each; k++) row.times.push(await timed(() => row.pass()));
      row.batchTimes.push(await timed(() => row.batchPass()));
    }
  }
}

async function timed(pass: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await pass();
  return performance.now() - started;
}

function latencyOf(times: readonly number[]): NonNullable<BenchmarkRow['latency']> {
  const at = (share: number) => rounded(quantile(times, share));
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), runs: times.length };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** The part of a row that is known before anything is measured. */
export function describe({ label, format, precision, single }: BenchmarkSubject, { name }: BenchmarkEngine) {
  return { model: basename(label), format, precision, engine: name, bytes: single.length };
}
