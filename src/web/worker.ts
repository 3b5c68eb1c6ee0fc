/** The worker for pages with a bundler: WebAssembly. */
import { ortWebWasm } from '../runtime/web/wasm.js';
import { serve } from './serve.js';

serve(globalThis, ortWebWasm);
