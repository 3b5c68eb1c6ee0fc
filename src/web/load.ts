import { InputError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { answerOf, type Answer } from '../predict/answer.js';
import type { Device } from '../runtime/web/ort.js';
import { fetchBytes, pageUrl } from './fetch-bytes.js';
import { grab, type PictureSource } from './grab.js';
import type { Opened, OpenRequest, Predicted } from './messages.js';
import type { LoadOptions } from './options.js';
import { Remote } from './remote.js';
import { startWorker } from './start-worker.js';

/** The expression in a picture. */
export interface Prediction extends Answer {
  /** From the call to the answer, reading the pixels included. */
  readonly milliseconds: number;
}

/** A loaded model. */
export interface Mien {
  /** Class names. */
  readonly classes: readonly string[];
  readonly preprocessing: Preprocessing;
  /** What computes: WebAssembly may have come in for WebGPU. */
  readonly device: Device;
  /** Name and version of the engine, e.g. `onnxruntime-web 1.30.0 (wasm)`. */
  readonly engine: string;
  /**
   * The expression of the face that a picture shows, as it is at this moment; the whole picture counts as the face.
   * @throws InputError where there is no picture, or none that the page may see
   */
  predict(source: PictureSource): Promise<Prediction>;
  /** Frees everything and ends the worker; predictions under way fail. */
  close(): Promise<void>;
}

/**
 * Loads a model into a worker, so that the page never waits for it.
 *
 * @throws InputError when the model or ONNX Runtime cannot be loaded
 *
 * @example
 * const mien = await load('/model_float32.onnx');
 * const { class: expression, probabilities } = await mien.predict(document.querySelector('img'));
 * await mien.close();
 */
export async function load(options: string | URL | LoadOptions): Promise<Mien> {
  const settings: LoadOptions =
    typeof options === 'string' || options instanceof URL ? { model: options } : options;
  const request = await requestOf(settings);
  const remote = new Remote(startWorker(settings));
  try {
    return new LoadedMien(remote, (await remote.call(request, [request.model])) as Opened);
  } catch (error) {
    remote.end(closed());
    throw error;
  }
}

async function requestOf(options: LoadOptions): Promise<OpenRequest> {
  const { model, wasmPaths, onnxruntime, device = 'wasm', threads = 1 } = options;
  const { bytes, where } = await fetchBytes(model);
  return {
    ...{ kind: 'open', model: bytes, where, device },
    threads: globalThis.crossOriginIsolated ? threads : 1,
    ...(wasmPaths === undefined ? {} : { wasm: pageUrl(wasmPaths) }),
    ...(onnxruntime === undefined ? {} : { onnxruntime: pageUrl(onnxruntime) }),
  };
}

class LoadedMien implements Mien {
  readonly classes: readonly string[];
  readonly preprocessing: Preprocessing;
  readonly device: Device;
  readonly engine: string;

  constructor(
    private readonly remote: Remote,
    { classes, preprocessing, device, engine }: Opened,
  ) {
    this.classes = classes;
    this.preprocessing = preprocessing;
    this.device = device;
    this.engine = engine;
  }

  async predict(source: PictureSource): Promise<Prediction> {
    const started = performance.now();
    const { picture, transfer } = await grab(source);
    const { probabilities } = (await this.remote.call({ kind: 'predict', picture }, transfer)) as Predicted;
    return { ...answerOf(this.classes, probabilities), milliseconds: performance.now() - started };
  }

  async close(): Promise<void> {
    await this.remote.call({ kind: 'close' }).catch(() => undefined);
    this.remote.end(closed());
  }
}

function closed(): InputError {
  return new InputError({
    where: 'mienjs/web',
    received: 'a call after close()',
    expected: 'a loaded model',
  });
}
