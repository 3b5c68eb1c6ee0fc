import type { FastifyInstance } from 'fastify';

import type { StudioParts } from '../parts.js';

/** Routes of the Try page. */
export function addTryRoutes(_app: FastifyInstance, _parts: StudioParts): void {}
