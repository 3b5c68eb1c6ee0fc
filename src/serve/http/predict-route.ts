import type { FastifyInstance, FastifyRequest } from 'fastify';

import type { PictureResult } from '../engine/job.js';
import type { ServedModel } from '../engine/served-model.js';
import type { Asked, NamedPicture } from './asked.js';
import { bodyTooLarge, RAW_TYPES, readAsked } from './body.js';
import type { ServerParts } from './parts.js';
import { unsupportedType } from './errors.js';
import { tooLate, type Ticket } from './gate.js';
import { errorBody, RequestError, type ErrorBody } from './problem.js';
import {
  errorSchema,
  predictFormSchema,
  predictionsSchema,
  predictJsonSchema,
  predictRawSchema,
} from './schemas.js';
import { InputError } from '../../core/errors.js';
import { answerOf } from '../../predict/answer.js';

/** A picture's answer as it is sent. */
type Prediction =
  | {
      readonly name: string | null;
      readonly width: number;
      readonly height: number;
      readonly faces: readonly object[];
    }
  | { readonly name: string | null; readonly error: ErrorBody['error'] };

/** POST /v1/predict. */
export function addPredictRoute(app: FastifyInstance, parts: ServerParts): void {
  const tickets = new WeakMap<FastifyRequest, Ticket>();
  const { gate, limits } = parts;
  app.post('/v1/predict', {
    schema: SCHEMA,
    onRequest: (request, reply, done) => {
      const bytes = announcedBytes(request, limits.bodyBytes);
      const ticket = gate.enter(bytes);
      tickets.set(request, ticket);
      // Comes after every answer, and when the client goes away before it.
      reply.raw.once('close', () => ticket.leave());
      done();
    },
    handler: async (request, reply) => {
      const started = performance.now();
      const asked = await readAsked(request, limits);
      tickets.get(request)?.bring(asked.pictures.length);
      const model = modelOf(parts.models, asked.model);
      const abort = new AbortController();
      reply.raw.once('close', () => abort.abort(clientGone()));
      const results = await answer(parts, model, asked, abort);
      const predictions = results.map((result, i) => prediction(request, model, asked.pictures[i], result));
      for (const one of predictions)
        parts.metrics.picture(model.id, 'error' in one ? one.error.code : 'answered');
      failIfNothing(results);
      const failed = predictions.filter((one) => 'error' in one).length;
      return { model: model.id, predictions, failed, milliseconds: performance.now() - started };
    },
  });
}

/** Why work stops for which nobody waits any more: no defect, and an answer that nobody reads. */
function clientGone(): RequestError {
  const problem = { where: 'client', received: 'the end of its connection', expected: 'one that waits' };
  return new RequestError(499, 'client_gone', problem);
}

/** Bytes that the request announces, or the limit where it does not. @throws RequestError 413, 415 */
function announcedBytes({ headers }: FastifyRequest, limit: number): number {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw new RequestError(415, 'unsupported_encoding', {
      where: 'Content-Encoding',
      received: 'a compressed body',
      expected: 'pictures as they are, for they are compressed already',
    });
  const length = headers['content-length'];
  if (length !== undefined && headers['content-type'] === undefined && length !== '0')
    throw unsupportedType();
  const bytes = length === undefined ? limit : Number(length);
  if (bytes > limit) throw bodyTooLarge(limit);
  return bytes;
}

function modelOf(models: readonly ServedModel[], id: string | undefined): ServedModel {
  const model = id === undefined ? models[0] : models.find((one) => one.id === id);
  if (model !== undefined) return model;
  throw new RequestError(404, 'unknown_model', {
    where: 'model',
    received: 'a name that is not served',
    expected: `one of ${models.map((one) => one.id).join(', ')}`,
  });
}

let lastJob = 0;

async function answer(
  { engine, limits, gate }: ServerParts,
  { id }: ServedModel,
  { pictures, detect = false }: Asked,
  abort: AbortController,
): Promise<readonly PictureResult[]> {
  const timer = setTimeout(() => abort.abort(tooLate(limits.timeout, gate.retryAfter())), limits.timeout);
  const sent = pictures.map(({ bytes, where }) => ({ bytes, where }));
  const job = { id: ++lastJob, model: id, detect, pictures: sent };
  try {
    return await engine.answer(job, abort.signal);
  } finally {
    clearTimeout(timer);
  }
}

function prediction(
  request: FastifyRequest,
  { classes }: ServedModel,
  picture: NamedPicture | undefined,
  result: PictureResult,
): Prediction {
  const name = picture?.name ?? null;
  if ('failure' in result) {
    const { status, code, problem, detail } = result.failure;
    if (detail !== undefined) request.log.error({ detail }, 'a picture failed inside');
    return { name, error: errorBody(status, code, new InputError(problem).message).error };
  }
  const { width, height } = result;
  const faces = result.faces.map(({ box, score, probabilities }) => ({
    box,
    score,
    ...answerOf(classes, probabilities),
  }));
  return { name, width, height, faces };
}

/** A request without any answer fails as its first picture does. */
function failIfNothing(results: readonly PictureResult[]): void {
  if (results.some((result) => !('failure' in result))) return;
  const [first] = results;
  if (first === undefined || !('failure' in first)) return;
  const { status, code, problem } = first.failure;
  throw new RequestError(status, code, problem);
}

const ERRORS = [400, 401, 404, 408, 413, 415, 422, 429, 500, 503];

const SCHEMA = {
  operationId: 'predict',
  summary: 'Recognize the expression in pictures of faces',
  description:
    'One picture as the body, several as files of a form, or base64 in JSON. A request with several pictures ' +
    'answers 200 when at least one could be read; the others have an error each. Nothing is stored.',
  querystring: {
    type: 'object',
    properties: {
      model: { type: 'string', description: 'see /v1/models' },
      detect: { type: 'boolean', description: 'true: find the faces; default: each picture is one face' },
    },
  },
  body: {
    content: {
      'multipart/form-data': { schema: predictFormSchema },
      'application/json': { schema: predictJsonSchema },
      ...Object.fromEntries(RAW_TYPES.map((type) => [type, { schema: predictRawSchema }])),
    },
  },
  response: {
    200: predictionsSchema,
    ...Object.fromEntries(ERRORS.map((status) => [status, errorSchema])),
  },
};
