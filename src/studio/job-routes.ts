import type { FastifyInstance } from 'fastify';

import type { Job } from './api.js';
import { addGet, addPost, type StudioParts } from './parts.js';

/** Looks at jobs and stops them. */
export function addJobRoutes(app: FastifyInstance, { children }: StudioParts): void {
  addGet(app, '/job', (query): Job => children.job(query.text('id')));
  addPost(app, '/job/stop', (body): Job => children.stop(body.text('id')));
}
