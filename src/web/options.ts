import type { Device } from '../runtime/web/ort.js';
import type { WorkerLike } from './remote.js';

/** What `load` may be told. */
export interface LoadOptions {
  /** URL of a file written by `mien export --format onnx`, or its bytes. */
  readonly model: string | URL | Uint8Array | ArrayBuffer;
  /**
   * URL of the folder with ONNX Runtime's `.wasm` file, ending in `/`, or of the file itself; by default where the
   * bundler put it. Nothing is ever fetched from elsewhere.
   */
  readonly wasmPaths?: string | URL;
  /** URL of ONNX Runtime's module, `ort.wasm.bundle.min.mjs`: for pages without a bundler. */
  readonly onnxruntime?: string | URL;
  /** `webgpu`: the graphics card where there is one, else WebAssembly; default `wasm`, the faster one for small nets. */
  readonly device?: Device;
  /** Threads of WebAssembly; default 1. More count only in pages isolated from other origins (COOP and COEP headers). */
  readonly threads?: number;
  /** Makes the worker, where the bundler does not find the package's own. */
  readonly worker?: () => WorkerLike;
}
