import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { ServeLimits } from '../limits.js';
import { bodyTooLarge } from './body.js';
import { errorBody, RequestError } from './problem.js';

/** Turns whatever a request ends in into one sentence with a status and a code. */
export function handleErrors(app: FastifyInstance, limits: ServeLimits): void {
  app.setErrorHandler((error: FastifyError, request, reply) =>
    sendError(request, reply, requestErrorOf(error, limits)),
  );
  app.setNotFoundHandler((request, reply) => sendError(request, reply, notFound(app, request)));
}

function sendError(request: FastifyRequest, reply: FastifyReply, error: RequestError | Error): FastifyReply {
  if (error instanceof RequestError) {
    const { status, code, headers, message } = error;
    return reply
      .code(status)
      .headers(headers)
      .send(errorBody(status, code, message, request.id));
  }
  // A defect: the log has it whole, the client learns nothing about the inside.
  request.log.error(error);
  const message =
    'server: received an error inside, expected an answer; the log has more under this request.';
  return reply.code(500).send(errorBody(500, 'internal_error', message, request.id));
}

/** Codes of fastify and its plugins in Mien's words. */
function requestErrorOf(error: FastifyError, limits: ServeLimits): RequestError | Error {
  if (error instanceof RequestError) return error;
  const known = KNOWN[error.code];
  if (known !== undefined) return known(limits);
  const status = error.statusCode ?? 500;
  // A form that is cut off or malformed ends in an error of its parser, without a status.
  const malformed = /^(Unexpected end of|Part terminated early|Malformed|Multipart: )/.test(error.message);
  if (malformed) return brokenForm();
  if (status < 400 || status >= 500) return error;
  return new RequestError(status, 'bad_request', {
    where: 'request',
    received: STATUS_CODES[status] ?? `status ${status}`,
    expected: 'a request as /docs describes it',
  });
}

const KNOWN: Readonly<Record<string, (limits: ServeLimits) => RequestError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ({ bodyBytes }) => bodyTooLarge(bodyBytes),
  FST_REQ_FILE_TOO_LARGE: ({ bodyBytes }) => bodyTooLarge(bodyBytes),
  FST_FILES_LIMIT: tooManyParts,
  FST_PARTS_LIMIT: tooManyParts,
  FST_FIELDS_LIMIT: tooManyParts,
  FST_MP_PREMATURE_CLOSE: brokenForm,
  FST_PROTO_VIOLATION: brokenForm,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: unsupportedType,
  FST_ERR_CTP_INVALID_JSON_BODY: () => badJson('text that is not JSON'),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => badJson('an empty text'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new RequestError(400, 'wrong_length', {
      where: 'body',
      received: 'another length than Content-Length says',
      expected: 'the announced length',
    }),
};

function badJson(received: string): RequestError {
  return new RequestError(400, 'wrong_json', { where: 'body', received, expected: 'a JSON object' });
}

function tooManyParts({ pictures }: ServeLimits): RequestError {
  return new RequestError(413, 'too_many_pictures', {
    where: 'form',
    received: `more than ${pictures} files or 8 fields`,
    expected: 'fewer in one request',
    remedy: 'send them in several requests',
  });
}

function brokenForm(): RequestError {
  return new RequestError(400, 'broken_form', {
    where: 'form',
    received: 'multipart data that ends early or is malformed',
    expected: 'multipart/form-data with its boundary, whole',
  });
}

/** 415. */
export function unsupportedType(): RequestError {
  return new RequestError(415, 'unsupported_type', {
    where: 'Content-Type',
    received: 'none that is read',
    expected: 'multipart/form-data, application/json, application/octet-stream or image/jpeg, png, webp, bmp',
  });
}

/** 404, or 405 where the path has other methods. */
function notFound(app: FastifyInstance, { url, method }: FastifyRequest): RequestError {
  const path = url.split('?')[0] ?? url;
  const allowed = ['GET', 'POST'].filter((other) => app.hasRoute({ url: path, method: other }));
  if (allowed.length === 0)
    return new RequestError(404, 'not_found', {
      where: 'path',
      received: 'one that does not exist',
      expected: 'one of those that /openapi.json lists',
    });
  return new RequestError(
    405,
    'wrong_method',
    { where: path, received: method, expected: allowed.join(' or ') },
    { allow: allowed.join(', ') },
  );
}

/** Answers on the bare socket what HTTP's parser refuses: broken requests, huge headers, slow senders. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, code, received] = CLIENT_ERRORS[error.code ?? ''] ?? MALFORMED;
  const message = `request: received ${received}, expected HTTP/1.1 as RFC 9112 has it.`;
  const body = JSON.stringify(errorBody(status, code, message));
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/json; charset=utf-8`;
  socket.end(`${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}

const MALFORMED = [400, 'malformed_request', 'bytes that are no HTTP request'] as const;

const CLIENT_ERRORS: Readonly<Record<string, readonly [number, string, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'headers_too_large', 'headers of more than 16 kB'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'body_too_slow', 'a request that did not arrive in time'],
};
