import type { FastifyInstance } from 'fastify';

import { InputError } from '../../core/errors.js';
import { writeOnnx } from '../../export/onnx/write-onnx.js';
import { openModel } from '../../jobs/model-source.js';
import { RequestError } from '../../serve/http/problem.js';
import { modelSource } from '../models.js';
import { API, Query, type StudioParts } from '../parts.js';

/** A model as the ONNX file that runs in the page. */
export function addTryRoutes(app: FastifyInstance, parts: StudioParts): void {
  app.get(`${API}/try/model`, { schema: { hide: true } }, async (request, reply) => {
    const source = modelSource(parts, new Query(request.query).text('model'));
    const bytes = writeOnnx(await opened(source), { precision: 'float32' });
    return reply.type('application/octet-stream').send(Buffer.from(bytes));
  });
}

async function opened(source: string) {
  try {
    return await openModel(source);
  } catch (error) {
    if (error instanceof InputError) throw new RequestError(422, 'unusable_model', error.problem);
    throw error;
  }
}
