import type { FastifyInstance } from 'fastify';

import type { StudioParts } from '../parts.js';

/** Routes of the Export page. */
export function addExportRoutes(_app: FastifyInstance, _parts: StudioParts): void {}
