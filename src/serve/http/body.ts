import type { FastifyRequest } from 'fastify';

import type { ServeLimits } from '../limits.js';
import { type Asked, detectOf, LONGEST_NAME, namedPicture, type NamedPicture } from './asked.js';
import { picturesOfJson } from './json-body.js';
import { RequestError } from './problem.js';

/** Content types of a picture that is sent as it is. */
export const RAW_TYPES = [
  ...['image/jpeg', 'image/png', 'image/webp', 'image/bmp', 'image/x-ms-bmp', 'application/octet-stream'],
] as const;

/**
 * The pictures of a request: multipart, JSON with base64, or one picture as it is.
 * @throws RequestError when there is none, there are too many, or they are not encoded as announced
 */
export async function readAsked(request: FastifyRequest, limits: ServeLimits): Promise<Asked> {
  const { model, detect } = request.query as { readonly model?: string; readonly detect?: unknown };
  const wanted = detectOf(detect);
  const asked = await readBody(request, limits);
  if (asked.pictures.length === 0) throw noPicture();
  checkCount(asked.pictures.length, limits);
  return { ...asked, model: asked.model ?? model, detect: asked.detect ?? wanted };
}

async function readBody(request: FastifyRequest, limits: ServeLimits): Promise<Asked> {
  if (request.isMultipart()) return readMultipart(request, limits);
  if (Buffer.isBuffer(request.body))
    return {
      model: undefined,
      detect: undefined,
      pictures: [namedPicture(request.body, undefined, 0)],
    };
  if (request.body === undefined || request.body === null) throw noPicture();
  return picturesOfJson(request.body);
}

async function readMultipart(request: FastifyRequest, limits: ServeLimits): Promise<Asked> {
  const pictures: NamedPicture[] = [];
  let model: string | undefined;
  let detect: boolean | undefined;
  let bytes = 0;
  for await (const part of request.parts()) {
    if (part.type === 'field') {
      if (part.fieldname === 'model') model = String(part.value);
      else if (part.fieldname === 'detect') detect = detectOf(part.value);
      else throw unknownField(part.fieldname);
      continue;
    }
    const content = await part.toBuffer();
    bytes += content.length;
    if (bytes > limits.bodyBytes) throw bodyTooLarge(limits.bodyBytes);
    pictures.push(namedPicture(content, part.filename, pictures.length));
    checkCount(pictures.length, limits);
  }
  return { model, detect, pictures };
}

function checkCount(count: number, { pictures }: ServeLimits): void {
  if (count <= pictures) return;
  throw new RequestError(413, 'too_many_pictures', {
    where: 'body',
    received: `more than ${pictures} pictures`,
    expected: `at most ${pictures} in one request`,
    remedy: 'send them in several requests',
  });
}

/** 413. */
export function bodyTooLarge(limit: number): RequestError {
  return new RequestError(413, 'body_too_large', {
    where: 'body',
    received: `more than ${limit} bytes`,
    expected: `at most ${limit} bytes in one request`,
    remedy: 'send fewer or smaller pictures',
  });
}

function noPicture(): RequestError {
  return new RequestError(400, 'no_picture', {
    where: 'body',
    received: 'no picture',
    expected: 'at least one',
    remedy: 'send a picture as the body, as a file of a form, or as base64 in JSON',
  });
}

function unknownField(name: string): RequestError {
  return new RequestError(400, 'unknown_field', {
    where: 'form',
    received: `the field "${name.slice(0, LONGEST_NAME)}" without a file name`,
    expected: 'files, and fields "model" and "detect"',
  });
}
