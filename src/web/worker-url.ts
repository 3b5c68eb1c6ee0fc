/** The worker for pages without a bundler: ONNX Runtime comes from the URL that the page gives. */
import { ortWebFrom } from '../runtime/web/from-url.js';
import { serve } from './serve.js';

serve(globalThis, ({ onnxruntime = '', ...options }) => ortWebFrom(onnxruntime, options));
