import type { Runtime } from '../runtime/session.js';
import type { Agreement } from './agreement.js';
import type { ModelRecords } from './model-records.js';

/** What `benchmarkJob` measures. */
export interface BenchmarkOptions extends ModelRecords {
  /**
   * Models: those with layers (shipped model, run folder, `.keras`, `.h5`) are written in every format, in float32 and float16;
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

/** What `benchmarkJob` found. */
export interface Benchmark {
  readonly version: 1;
  /** What agreement and accuracy were measured on. */
  readonly pictures: string;
  readonly rows: readonly BenchmarkRow[];
  /** Engines and formats that did not take part, and why. */
  readonly absent: readonly string[];
}
