import type { FastifyInstance } from 'fastify';

import type { StudioParts } from '../parts.js';

/** Routes of the Evaluation page. */
export function addEvaluationRoutes(_app: FastifyInstance, _parts: StudioParts): void {}
