import * as ort from 'onnxruntime-web/webgpu';

import type { Runtime } from '../session.js';
import { ortWeb, type OrtWebOptions } from './ort.js';

/** ONNX Runtime on WebGPU or WebAssembly, as the bundler finds it in the installed package. */
export function ortWebGpu(options: OrtWebOptions): Promise<Runtime> {
  return Promise.resolve(ortWeb(ort, options));
}
