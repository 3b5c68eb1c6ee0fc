import * as ort from 'onnxruntime-web/wasm';

import type { Runtime } from '../session.js';
import { ortWeb, type OrtWebOptions } from './ort.js';

/** ONNX Runtime on WebAssembly, as the bundler finds it in the installed package. */
export function ortWebWasm(options: OrtWebOptions): Promise<Runtime> {
  return Promise.resolve(ortWeb(ort, options));
}
