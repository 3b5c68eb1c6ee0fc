/**
 * Mien in a page: `mienjs/web`. ONNX Runtime is loaded by a worker, never by the page itself.
 */

export { GraphError, InputError, messageOf, MienError, type Problem } from './core/errors.js';
export type { Preprocessing } from './core/preprocessing.js';
export type { Answer } from './predict/answer.js';
export type { Device } from './runtime/web/ort.js';
export type { PictureSource } from './web/grab.js';
export { load, type Mien, type Prediction } from './web/load.js';
export type { LoadOptions } from './web/options.js';
export type { WorkerLike } from './web/remote.js';
