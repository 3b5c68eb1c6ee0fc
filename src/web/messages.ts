import { GraphError, InputError, messageOf, MienError, type Problem } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import type { Device } from '../runtime/web/ort.js';

/** What a worker needs to begin. */
export interface OpenRequest {
  readonly kind: 'open';
  readonly model: ArrayBuffer;
  /** The model's name in messages. */
  readonly where: string;
  readonly device: Device;
  readonly threads: number;
  /** Full URL of the folder of `.wasm` files, or of the file. */
  readonly wasm?: string;
  /** Full URL of ONNX Runtime's module, for workers that no bundler made. */
  readonly onnxruntime?: string;
}

/** What a worker answers to {@link OpenRequest}. */
export interface Opened {
  readonly classes: readonly string[];
  readonly preprocessing: Preprocessing;
  /** What really computes. */
  readonly device: Device;
  /** Name and version of the engine. */
  readonly engine: string;
}

/** Pixels as a canvas gives them, `[row, column, RGBA]`. */
export interface RgbaPixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** A picture to look at; the worker owns it from then on. */
export interface PredictRequest {
  readonly kind: 'predict';
  readonly picture: ImageBitmap | RgbaPixels;
}

/** Probabilities in the order of the classes. */
export interface Predicted {
  readonly probabilities: Float32Array;
}

/** Releases the sessions; the worker can be ended after the answer. */
export interface CloseRequest {
  readonly kind: 'close';
}

export type Request = OpenRequest | PredictRequest | CloseRequest;

/** A request with the number that its answer bears. */
export interface Numbered {
  readonly id: number;
  readonly request: Request;
}

/** An answer, or what went wrong. */
export type Reply =
  | { readonly id: number; readonly value: Opened | Predicted | undefined }
  | { readonly id: number; readonly error: Failure };

/** An error on its way between threads, which keep no classes of their own. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly problem?: Problem;
}

export function toFailure(error: unknown): Failure {
  const name = error instanceof Error ? error.name : 'Error';
  const problem = error instanceof MienError ? { problem: error.problem } : {};
  return { name, message: messageOf(error), ...problem };
}

/** The error that {@link toFailure} took apart. */
export function fromFailure({ name, message, problem }: Failure): Error {
  if (problem === undefined) return new Error(message);
  return name === 'GraphError' ? new GraphError(problem) : new InputError(problem);
}
