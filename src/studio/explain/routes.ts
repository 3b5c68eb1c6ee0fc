import type { FastifyInstance } from 'fastify';

import type { StudioParts } from '../parts.js';

/** Routes of the Explain page. */
export function addExplainRoutes(_app: FastifyInstance, _parts: StudioParts): void {}
