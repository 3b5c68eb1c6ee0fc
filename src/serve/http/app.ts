import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { LogController } from 'fastify';
import type { FastifyInstance, FastifyRequest, FastifyServerOptions } from 'fastify';

import { checkLocalName, createTokenCheck } from './access.js';
import { RAW_TYPES } from './body.js';
import { answerClientError, handleErrors } from './errors.js';
import type { ServerParts } from './parts.js';
import { addPlainRoutes } from './plain-routes.js';
import { addPredictRoute } from './predict-route.js';
import { RequestError } from './problem.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers everybody, also without the token. */
    open?: boolean;
  }
}

/** Milliseconds that an idle connection stays open: longer than the 60 s of usual reverse proxies. */
const KEEP_ALIVE = 65_000;

/** The rendered page loads nothing from elsewhere; its library writes style attributes. */
const DOCS_POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'frame-ancestors': "'none'",
  'base-uri': "'none'",
  'form-action': "'none'",
};

/** The HTTP side of a server, not listening yet. */
export async function createApp(
  parts: ServerParts,
  logger: FastifyServerOptions['logger'] = false,
): Promise<FastifyInstance> {
  const { limits } = parts;
  const app = fastify({
    logger,
    // One line per request is written below, without addresses and names.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.timeout,
    keepAliveTimeout: KEEP_ALIVE,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerClientError,
    http: slowSenders(limits.timeout),
  });
  // Bodies are checked by hand, for sentences that say what to do.
  app.setValidatorCompiler(() => () => true);
  handleErrors(app, limits);
  addHooks(app, parts);
  await addBodies(app, parts);
  await addAccess(app, parts);
  await addDocs(app, parts);
  addPlainRoutes(app, parts);
  addPredictRoute(app, parts);
  await parts.extension?.add(app);
  await app.ready();
  return app;
}

/** Node exchanges the two timeouts when the first is longer, so both are given. */
function slowSenders(timeout: number) {
  return {
    headersTimeout: timeout,
    requestTimeout: timeout,
    connectionsCheckingInterval: Math.min(1000, timeout),
  };
}

function addHooks(app: FastifyInstance, { metrics }: ServerParts): void {
  app.addHook('onSend', async (request, reply, payload) => {
    reply.header('x-content-type-options', 'nosniff').header('x-request-id', request.id);
    if (!isDocs(request)) reply.header('cache-control', 'no-store');
    return Promise.resolve(payload);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    const route = request.routeOptions.url ?? 'other';
    const milliseconds = Math.round(100 * reply.elapsedTime) / 100;
    metrics.request(route, method, reply.statusCode, reply.elapsedTime / 1000);
    request.log.info({ method, route, status: reply.statusCode, milliseconds }, 'answered');
    return Promise.resolve();
  });
}

async function addBodies(app: FastifyInstance, { limits }: ServerParts): Promise<void> {
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser([...RAW_TYPES], { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  const fields = { fields: 8, fieldNameSize: 100, fieldSize: 1000, headerPairs: 20 };
  const files = { fileSize: limits.bodyBytes, files: limits.pictures, parts: limits.pictures + 8 };
  await app.register(multipart, { limits: { ...fields, ...files }, throwFileSizeLimit: true });
}

/** First the rate, so that guessing a token is limited too, then name and token. */
async function addAccess(app: FastifyInstance, { limits, token }: ServerParts): Promise<void> {
  if (limits.ratePerMinute > 0) {
    await app.register(rateLimit, {
      global: false,
      max: limits.ratePerMinute,
      timeWindow: '1 minute',
      allowList: (request: FastifyRequest) => request.routeOptions.config.open === true,
      errorResponseBuilder: (_, { max, ttl }) => tooOften(max, ttl),
    });
    app.addHook('onRequest', app.rateLimit());
  }
  const checkToken = token === undefined ? undefined : createTokenCheck(token);
  app.addHook('onRequest', async (request) => {
    if (checkToken === undefined) checkLocalName(request.headers);
    else if (request.routeOptions.config.open !== true && !isDocs(request)) checkToken(request.headers);
    return Promise.resolve();
  });
}

function isDocs({ routeOptions: { url = '' } }: FastifyRequest): boolean {
  return url === '/' || url === '/openapi.json' || url === '/docs' || url.startsWith('/docs/');
}

function tooOften(max: number, ttl: number): RequestError {
  const seconds = Math.ceil(ttl / 1000);
  return new RequestError(429, 'too_many_requests', {
    where: 'client',
    received: `more than ${max} requests in a minute`,
    expected: 'fewer',
    remedy: `try again in ${seconds} s`,
  });
}

async function addDocs(app: FastifyInstance, { token, version }: ServerParts): Promise<void> {
  const security = { token: { type: 'http', scheme: 'bearer' } } as const;
  await app.register(swagger, {
    openapi: {
      openapi: '3.0.3',
      info: { title: 'Mien', description: 'Recognizes facial expressions. Nothing is stored.', version },
      ...(token === undefined
        ? {}
        : { components: { securitySchemes: security }, security: [{ token: [] }] }),
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: DOCS_POLICY, validatorUrl: false });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}
