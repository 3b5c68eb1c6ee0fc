import type { FastifyInstance } from 'fastify';

import type { Engine } from '../engine/job.js';
import type { ServedModel } from '../engine/served-model.js';
import type { ServeLimits } from '../limits.js';
import type { Gate } from './gate.js';
import type { Metrics } from './metrics.js';

/** What the routes work with. */
export interface ServerParts {
  readonly models: readonly ServedModel[];
  readonly engine: Engine;
  readonly limits: ServeLimits;
  readonly gate: Gate;
  readonly metrics: Metrics;
  /** Whether pictures can be answered now. */
  readonly isReady: () => boolean;
  /** Required from every client; undefined: none. */
  readonly token: string | undefined;
  /** Mien's own. */
  readonly version: string;
  /** Routes beside the server's own. */
  readonly extension?: ServerExtension;
}

/** Further routes of a server, and where its root leads. */
export interface ServerExtension {
  /** Path to which `/` leads instead of the documentation. */
  readonly home: string;
  /** Adds the routes; every limit and check of the server holds for them too. */
  add(app: FastifyInstance): void | Promise<void>;
}
