/** What a client of the real server process reads when something is wrong: a status, a code, one sentence. */
import { request } from 'node:http';
import { connect } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Running } from './cli.js';
import { answered, clientOf, drawPictures, form, LIMITS, serve, type Refused } from './serving.js';

let server: Running;
let url: string;
let jpeg: Buffer;
let png: Buffer;
let post: ReturnType<typeof clientOf>['post'];
let raw: ReturnType<typeof clientOf>['raw'];

beforeAll(async () => {
  ({ jpeg, png } = await drawPictures());
  [server, url] = await serve(...LIMITS);
  ({ post, raw } = clientOf(url));
}, 120_000);

afterAll(async () => {
  server.child.kill('SIGTERM');
  await server.result;
});

/** A PNG header of a huge picture: 33 bytes that would become gigabytes. */
function bomb(width: number, height: number): Buffer {
  const header = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  const size = Buffer.alloc(17);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  size.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([header, size]);
}

function bmpBomb(): Buffer {
  const bytes = Buffer.alloc(54);
  bytes.write('BM');
  bytes.writeInt32LE(60_000, 18);
  bytes.writeInt32LE(-60_000, 22);
  return bytes;
}

/** Sends bytes as they are and reads what comes back until the server closes. */
function rawSocket(text: string): Promise<Response> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8').on('data', (part: string) => (received += part));
    socket.on('error', reject).on('close', () => {
      const [head = '', ...body] = received.split('\r\n\r\n');
      resolve(
        new Response(body.join('\r\n\r\n'), { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 500) }),
      );
    });
  });
}

/** Sends without end and without a length until an answer comes. */
function endless(): Promise<Response> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers: { 'content-type': 'image/png' } };
    const sending = request(`${url}/v1/predict`, options, (response) => {
      clearInterval(timer);
      response.setEncoding('utf8').on('data', (text: string) => {
        resolve(new Response(text, { status: response.statusCode ?? 0 }));
        sending.destroy();
      });
    });
    const timer = setInterval(() => sending.write(Buffer.alloc(8192)), 5);
    // The server hangs up once it has answered.
    sending.on('error', reject);
  });
}

const EXPECTED = 'expected a JPEG, PNG, WebP or BMP picture; convert it first.';
const TYPES =
  'expected multipart/form-data, application/json, application/octet-stream or image/jpeg, png, webp, bmp.';
const BROKEN =
  'form: received multipart data that ends early or is malformed, expected multipart/form-data with its boundary, whole.';
const HEAD = 'POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n';
const cut = (bytes: Buffer) => bytes.subarray(0, bytes.length / 2);

/** What is sent, and the status, code and sentence that come back. */
const BAD_INPUT: readonly (readonly [string, () => Promise<Response>, number, string, string | RegExp])[] = [
  [
    'no body',
    () => post(undefined),
    400,
    'no_picture',
    /^body: received no picture, expected at least one; send /,
  ],
  [
    ...(['an empty picture', () => raw(Buffer.alloc(0)), 400, 'empty_picture'] as const),
    'picture 1: received a picture of 0 bytes, expected the bytes of a JPEG, PNG, WebP or BMP picture.',
  ],
  [
    ...(['text', () => post('hello', 'text/plain'), 415, 'unsupported_type'] as const),
    `Content-Type: received none that is read, ${TYPES}`,
  ],
  [
    ...(['no content type', () => post(new Uint8Array(png)), 415, 'unsupported_type'] as const),
    `Content-Type: received none that is read, ${TYPES}`,
  ],
  [
    'a compressed body',
    () =>
      fetch(`${url}/v1/predict`, {
        ...{ method: 'POST', body: new Uint8Array(png) },
        headers: { 'content-type': 'image/png', 'content-encoding': 'gzip' },
      }),
    ...([415, 'unsupported_encoding'] as const),
    'Content-Encoding: received a compressed body, expected pictures as they are, for they are compressed already.',
  ],
  [
    ...(['a GIF', () => raw(Buffer.from('GIF89a'), 'image/png'), 415, 'unsupported_picture'] as const),
    `picture 1: received bytes of another format, ${EXPECTED}`,
  ],
  [
    ...([
      'an SVG',
      () => post(form([['a.svg', Buffer.from('<svg/>')]])),
      415,
      'unsupported_picture',
    ] as const),
    `a.svg: received bytes of another format, ${EXPECTED}`,
  ],
  [
    ...(['a truncated JPEG', () => raw(cut(jpeg)), 422, 'damaged_picture'] as const),
    /^picture 1: received bytes that do not decode \(.*\), expected a readable JPEG, PNG, WebP or BMP picture; send it again whole\.$/,
  ],
  [
    ...(['a truncated PNG', () => raw(cut(png), 'image/png'), 422, 'damaged_picture'] as const),
    /^picture 1: received bytes that do not decode /,
  ],
  [
    'a JPEG of noise',
    () => raw(Buffer.concat([jpeg.subarray(0, 4), Buffer.alloc(99, 7)])),
    422,
    'damaged_picture',
    /^picture 1: /,
  ],
  [
    ...(['a PNG bomb', () => raw(bomb(60_000, 60_000), 'image/png'), 413, 'too_many_pixels'] as const),
    'picture 1: received a picture of 60000x60000 pixels, expected at most 250000 pixels; shrink the picture first.',
  ],
  [
    'a BMP bomb',
    () => raw(bmpBomb(), 'image/bmp'),
    413,
    'too_many_pixels',
    /a picture of 60000x60000 pixels/,
  ],
  [
    ...(['a body above the limit', () => raw(Buffer.alloc(70_000)), 413, 'body_too_large'] as const),
    'body: received more than 65536 bytes, expected at most 65536 bytes in one request; send fewer or smaller pictures.',
  ],
  [
    'an endless body without a length',
    () => endless(),
    ...([413, 'body_too_large', /^body: received more than 65536 bytes/] as const),
  ],
  [
    ...([
      'a form above the limit',
      () => post(form([['a.png', Buffer.alloc(70_000)]])),
      413,
      'body_too_large',
    ] as const),
    /^body: received more than 65536 bytes/,
  ],
  [
    'too many pictures in a form',
    () => post(form(Array.from({ length: 4 }, () => ['a.png', png] as const))),
    ...([413, 'too_many_pictures', /^(body|form): received more than 3 /] as const),
  ],
  [
    'too many pictures in JSON',
    () => post(JSON.stringify({ images: Array.from({ length: 4 }, () => 'AAAA') }), 'application/json'),
    ...([413, 'too_many_pictures'] as const),
    'body: received more than 3 pictures, expected at most 3 in one request; send them in several requests.',
  ],
  [
    ...(['broken JSON', () => post('{"image":', 'application/json'), 400, 'wrong_json'] as const),
    'body: received text that is not JSON, expected a JSON object.',
  ],
  [
    ...([
      'JSON of another shape',
      () => post('{"picture":"AAAA"}', 'application/json'),
      400,
      'wrong_json',
    ] as const),
    'body: received the unknown field "picture", expected image, images, model or detect.',
  ],
  [
    ...(['no base64', () => post('{"image":"%%"}', 'application/json'), 400, 'wrong_json'] as const),
    'image: received a text that is not base64, expected a picture in base64, or a data URL.',
  ],
  [
    'an empty list',
    () => post('{"images":[]}', 'application/json'),
    400,
    'no_picture',
    /^body: received no picture/,
  ],
  [
    ...([
      'a poisoned prototype',
      () => post('{"__proto__":{"a":1}}', 'application/json'),
      400,
      'wrong_json',
    ] as const),
    'body: received text that is not JSON, expected a JSON object.',
  ],
  ['a form without boundary', () => post('x', 'multipart/form-data'), 400, 'broken_form', BROKEN],
  [
    'a form that is cut off',
    () =>
      post(
        '--b\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\nabc',
        'multipart/form-data; boundary=b',
      ),
    ...([400, 'broken_form', BROKEN] as const),
  ],
  [
    ...(['a form without a file', () => post(form([], { model: 'mien' })), 400, 'no_picture'] as const),
    /^body: received no picture/,
  ],
  [
    ...(['an unknown field', () => post(form([], { path: '/etc' })), 400, 'unknown_field'] as const),
    'form: received the field "path" without a file name, expected files, and fields "model" and "detect".',
  ],
  [
    ...([
      'an unknown model',
      () => post(new Uint8Array(png), 'image/png', '?model=vgg'),
      404,
      'unknown_model',
    ] as const),
    'model: received a name that is not served, expected one of mien.',
  ],
  [
    ...(['an unknown path', () => fetch(`${url}/v2/predict`), 404, 'not_found'] as const),
    'path: received one that does not exist, expected one of those that /openapi.json lists.',
  ],
  [
    ...(['another method', () => fetch(`${url}/v1/predict`), 405, 'wrong_method'] as const),
    '/v1/predict: received GET, expected POST.',
  ],
  [
    'the name of another machine',
    () => rawSocket('GET /v1/models HTTP/1.1\r\nHost: evil.org\r\nConnection: close\r\n\r\n'),
    ...([421, 'wrong_host', /^Host: received the name of another machine/] as const),
  ],
  [
    ...(['no HTTP', () => rawSocket('hello\r\n\r\n'), 400, 'malformed_request'] as const),
    'request: received bytes that are no HTTP request, expected HTTP/1.1 as RFC 9112 has it.',
  ],
  [
    'huge headers',
    () => rawSocket(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`),
    ...([431, 'headers_too_large', /^request: received headers of more than 16 kB/] as const),
  ],
  [
    'a body that does not arrive',
    () => rawSocket(`${HEAD}Content-Length: 100\r\n\r\nabc`),
    ...([408, 'body_too_slow', /^request: received a request that did not arrive in time/] as const),
  ],
];

describe('bad input', () => {
  it.each(BAD_INPUT)('%s', async (_, send, status, code, message) => {
    const response = await send();
    const { error } = (await response.json()) as Refused;
    expect({ status: response.status, code: error.code }, error.message).toEqual({ status, code });
    expect(error.status).toBe(status);
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
  });

  it('leaves a server that answers', async () => {
    await answered(await raw(png, 'image/png'));
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('mien_pictures_waiting 0');
    expect(metrics).not.toMatch(/status="500"/);
    expect(metrics).toContain('mien_engine_crashes_total 0');
  });
});
