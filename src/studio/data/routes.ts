import type { FastifyInstance } from 'fastify';

import type { StudioParts } from '../parts.js';

/** Routes of the Data page. */
export function addDataRoutes(_app: FastifyInstance, _parts: StudioParts): void {}
