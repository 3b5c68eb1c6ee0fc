import type { FastifyInstance } from 'fastify';

import type { ServerParts } from './parts.js';
import { errorSchema, modelsSchema, statusSchema } from './schemas.js';

/** The routes that only tell: models, health, figures. */
export function addPlainRoutes(app: FastifyInstance, parts: ServerParts): void {
  addModels(app, parts);
  addHealth(app, parts);
  app.get(
    '/metrics',
    {
      schema: { summary: 'Figures for Prometheus', response: { 200: { type: 'string' }, 401: errorSchema } },
      serializerCompiler: () => String,
    },
    async (_, reply) => {
      const body = await parts.metrics.text();
      return reply.header('content-type', parts.metrics.contentType).send(body);
    },
  );
  app.get('/', { schema: { hide: true } }, (_, reply) => reply.redirect(parts.extension?.home ?? '/docs'));
}

function addModels(app: FastifyInstance, { models }: ServerParts): void {
  const list = models.map(({ id, classes, preprocessing, graphs }, index) => ({
    id,
    default: index === 0,
    classes,
    sourceSize: preprocessing.sourceSize,
    inputSize: preprocessing.inputSize,
    colour: preprocessing.colour,
    batchSize: graphs.at(-1)?.batchSize ?? 1,
  }));
  const schema = {
    summary: 'The models and their classes',
    response: { 200: modelsSchema, 401: errorSchema },
  };
  app.get('/v1/models', { schema }, () => Promise.resolve({ models: list }));
}

function addHealth(app: FastifyInstance, { isReady }: ServerParts): void {
  const answer = { 200: statusSchema };
  const config = { open: true };
  app.get('/healthz', { config, schema: { summary: 'Whether the process runs', response: answer } }, () =>
    Promise.resolve({ status: 'ok' }),
  );
  app.get(
    '/readyz',
    {
      config,
      schema: { summary: 'Whether pictures are answered', response: { ...answer, 503: statusSchema } },
    },
    (_, reply) => {
      const ready = isReady();
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready' });
    },
  );
}
