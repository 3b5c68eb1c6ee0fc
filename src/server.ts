/** Mien's HTTP server: `mienjs/server`. Apart from `mienjs/node`, so that nobody loads a server who needs none. */

export { defaultLimits, type ServeLimits } from './serve/limits.js';
export { defaultBatchSize, LOG_LEVELS, startServer } from './serve/server.js';
export type { LogLevel, MienServer, ServeOptions } from './serve/server.js';

// The studio: the same server with a page
export { startStudio, type StudioOptions } from './studio/studio.js';
