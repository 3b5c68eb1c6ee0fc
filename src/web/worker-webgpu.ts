/** The worker for pages with a bundler: WebGPU, and WebAssembly where there is none. */
import { ortWebGpu } from '../runtime/web/webgpu.js';
import { serve } from './serve.js';

serve(globalThis, ortWebGpu);
