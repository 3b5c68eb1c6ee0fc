import { InputError } from '../core/errors.js';
import type { Runtime } from '../runtime/session.js';
import { availableDevice } from '../runtime/web/device.js';
import type { Device, OrtWebOptions } from '../runtime/web/ort.js';
import { fromRgba } from '../data/to-colour.js';
import { toFailure, type Numbered, type OpenRequest, type Reply, type Request } from './messages.js';
import type { Opened, Predicted, PredictRequest } from './messages.js';
import { Network } from './network.js';
import { PixelReader } from './pixel-reader.js';

/** What is used of a worker's global scope. */
export interface WorkerScope {
  readonly name?: string;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  postMessage(message: Reply): void;
}

/** Makes the engine that a page asked for; `onnxruntime` is the URL that it gave. */
export type RuntimeMaker = (options: OrtWebOptions & { readonly onnxruntime?: string }) => Promise<Runtime>;

/** Threads of ONNX Runtime load their worker's script again under this name, and are none of ours. */
const ENGINE_THREAD = 'em-pthread';

/** Answers the requests of a page, one after the other, in the thread of a worker. */
export function serve(scope: WorkerScope, makeRuntime: RuntimeMaker): void {
  if (scope.name?.startsWith(ENGINE_THREAD) === true) return;
  const recognizer = new Recognizer(makeRuntime);
  let queue = Promise.resolve();
  scope.addEventListener('message', ({ data }) => {
    const { id, request } = data as Numbered;
    queue = queue.then(async () => {
      const reply = await recognizer.answer(request).then(
        (value): Reply => ({ id, value }),
        (error: unknown): Reply => ({ id, error: toFailure(error) }),
      );
      scope.postMessage(reply);
    });
  });
}

class Recognizer {
  private network: Network | undefined;
  private readonly pixels = new PixelReader();

  constructor(private readonly makeRuntime: RuntimeMaker) {}

  answer(request: Request): Promise<Opened | Predicted | undefined> {
    switch (request.kind) {
      case 'open':
        return this.open(request);
      case 'predict':
        return this.predict(request);
      case 'close':
        return this.close();
    }
  }

  private async open(request: OpenRequest): Promise<Opened> {
    const device = await availableDevice(request.device);
    // A driver may refuse what its adapter promised.
    const opened = await this.openOn(device, request).catch((error: unknown) => {
      if (device === 'wasm') throw error;
      return this.openOn('wasm', request);
    });
    return opened;
  }

  private async openOn(device: Device, request: OpenRequest): Promise<Opened> {
    const { device: build, model, where, threads, wasm, onnxruntime } = request;
    const runtime = await this.makeRuntime({
      ...{ device, build, threads },
      ...(wasm === undefined ? {} : { wasm }),
      ...(onnxruntime === undefined ? {} : { onnxruntime }),
    });
    this.network = await Network.open(runtime, new Uint8Array(model), where);
    const { classes, preprocessing } = this.network.record;
    return { classes, preprocessing, device, engine: runtime.name };
  }

  private async predict({ picture }: PredictRequest): Promise<Predicted> {
    const rgba = this.pixels.read(picture);
    if (this.network === undefined)
      throw new InputError({ where: 'predict', received: 'a picture', expected: 'a model first' });
    const { colour } = this.network.record.preprocessing;
    return { probabilities: await this.network.probabilities(fromRgba(rgba, colour)) };
  }

  private async close(): Promise<undefined> {
    await this.network?.close();
    this.network = undefined;
  }
}
