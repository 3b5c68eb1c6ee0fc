import { basename } from 'node:path';

import { checkInteger } from '../core/checks.js';
import { messageOf } from '../core/errors.js';
import type { Runtime } from '../runtime/session.js';
import type { Agreement } from './agreement.js';
import { benchmarkPictures, type BenchmarkPictures } from './benchmark-pictures.js';
import { openRow, timeRows, type OpenRow } from './benchmark-rows.js';
import { benchmarkSubjects, type BenchmarkSubject } from './benchmark-subjects.js';
import type { JobHooks } from './events.js';
import type { ModelRecords } from './model-records.js';

/** What {@link benchmarkJob} measures. */
export interface BenchmarkOptions extends ModelRecords {
  /**
   * Models: those with layers (shipped model, run folder, `.keras`, `.h5`) are written in every format and precision;
   * `.onnx` and `.tflite` files are taken as they are.
   */
  readonly models: readonly string[];
  /** Data root or CSV file whose test part gives accuracies; none by default, and agreement is on drawn faces. */
  readonly data?: string;
  readonly cacheDir?: string;
  /** Timed passes of one picture; default 100. */
  readonly runs?: number;
}

/** An engine that may run files of a format. */
export interface BenchmarkEngine {
  readonly name: string;
  readonly format: 'onnx' | 'tflite';
  readonly runtime: Runtime;
}

/** What a benchmark needs beside its options. */
export interface BenchmarkEnvironment {
  /** Runs layers and preprocessing. */
  readonly runtime: Runtime;
  readonly engines: readonly BenchmarkEngine[];
  /** What could not take part, in words. */
  readonly absent: readonly string[];
}

/** A file in an engine. */
export interface BenchmarkRow {
  readonly model: string;
  readonly format: 'onnx' | 'tflite';
  readonly precision: string;
  readonly engine: string;
  /** Of the file. */
  readonly bytes: number;
  /** With the float layers, in probabilities; null for a file whose layers nobody named. */
  readonly agreement: Agreement | null;
  /** On the data's test part; null without data. */
  readonly accuracy: { readonly correct: number; readonly images: number } | null;
  /** Milliseconds for one picture, the network alone. */
  readonly latency: {
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
    readonly runs: number;
  } | null;
  /** Pictures a second, 32 at a time. */
  readonly throughput: number | null;
  /** Bytes by which the process grew while the file was opened and run for the first time; wholly approximate. */
  readonly memory: number | null;
  /** Why it could not be measured. */
  readonly error: string | null;
}

/** What {@link benchmarkJob} found. */
export interface Benchmark {
  readonly version: 1;
  /** What agreement and accuracy were measured on. */
  readonly pictures: string;
  readonly rows: readonly BenchmarkRow[];
  /** Engines and formats that did not take part, and why. */
  readonly absent: readonly string[];
}

/**
 * Measures every format of models in every engine at hand: agreement with the float layers, accuracy, latency,
 * throughput, sizes. Latencies are taken in turns, so that a machine that slows down slows all of them.
 *
 * @throws InputError when a model or the data is missing
 */
export async function benchmarkJob(
  options: BenchmarkOptions,
  { runtime, engines, absent }: BenchmarkEnvironment,
  hooks: JobHooks = {},
): Promise<Benchmark> {
  const runs = checkInteger('--runs', options.runs ?? 100, 1);
  const subjects = await benchmarkSubjects(options, hooks);
  const pairs = subjects.flatMap((subject) =>
    engines.filter(({ format }) => format === subject.format).map((engine) => ({ subject, engine })),
  );
  const pictures = new Map<BenchmarkSubject['reference'], BenchmarkPictures>();
  const opened: (OpenRow | BenchmarkRow)[] = [];
  for (const [done, { subject, engine }] of pairs.entries()) {
    hooks.onEvent?.({
      kind: 'working',
      what: `${subject.label} in ${engine.name}`,
      done,
      total: pairs.length,
    });
    let own = pictures.get(subject.reference);
    if (own === undefined) {
      own = await benchmarkPictures(options, subject, runtime, hooks);
      pictures.set(subject.reference, own);
    }
    opened.push(
      await openRow({ subject, engine, runtime, pictures: own, hooks }).catch(failed(subject, engine)),
    );
  }
  const ready = opened.filter((row): row is OpenRow => 'session' in row);
  try {
    await timeRows(ready, runs, hooks);
  } finally {
    for (const { close } of ready) await close();
  }
  const [first] = pictures.values();
  return {
    version: 1,
    pictures: first?.source ?? 'nothing',
    rows: opened.map((row) => ('session' in row ? row.finish() : row)),
    absent,
  };
}

function failed(subject: BenchmarkSubject, engine: BenchmarkEngine) {
  return (error: unknown): BenchmarkRow => ({
    ...describe(subject, engine),
    agreement: null,
    accuracy: null,
    latency: null,
    throughput: null,
    memory: null,
    error: messageOf(error),
  });
}

/** The part of a row that is known before anything is measured. */
export function describe({ label, format, precision, single }: BenchmarkSubject, { name }: BenchmarkEngine) {
  return { model: basename(label), format, precision, engine: name, bytes: single.length };
}
