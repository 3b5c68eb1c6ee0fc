/** The real server process over HTTP: answers, the table of bad input, and its end. */
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { mien, start, workshop, type Running } from './cli.js';

const { path: folder, remove } = workshop();
const LIMITS = [
  ...['--body-limit', '0.0625', '--max-pictures', '3', '--max-pixels', '0.25', '--timeout', '4', '--workers', '2'],
];

let server: Running;
let url: string;
let jpeg: Buffer;
let png: Buffer;

beforeAll(async () => {
  // Three channels and an orientation, so that colour, size and turning all matter.
  const pixels = Buffer.from(Array.from({ length: 90 * 60 * 3 }, (_, i) => (i * i * 7 + (i >> 5)) % 256));
  const photo = sharp(pixels, { raw: { width: 90, height: 60, channels: 3 } });
  jpeg = await photo.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer();
  png = await photo.clone().resize(48, 48).toColourspace('b-w').png().toBuffer();
  writeFileSync(join(folder, 'photo.jpg'), jpeg);
  writeFileSync(join(folder, 'small.png'), png);
  [server, url] = await serve(...LIMITS);
}, 120_000);

afterAll(async () => {
  server.child.kill('SIGTERM');
  await server.result;
  remove();
});

/** Starts `mien serve` and reads where it listens. */
async function serve(...options: readonly string[]): Promise<[Running, string]> {
  const running = start(['serve', '--port', '0', ...options]);
  const address = await new Promise<string>((resolve, reject) => {
    running.child.stdout?.on('data', (text: string) => {
      const found = /http:\/\/\S+(?= \()/.exec(text);
      if (found !== null) resolve(found[0]);
    });
    void running.result.then(({ stderr }) => reject(new Error(stderr)));
  });
  return [running, address];
}

interface Answered {
  readonly model: string;
  readonly failed: number;
  readonly predictions: readonly {
    readonly name: string | null;
    readonly width?: number;
    readonly height?: number;
    readonly faces?: readonly { class: string; probabilities: Record<string, number> }[];
    readonly error?: { status: number; code: string; message: string };
  }[];
}

interface Refused {
  readonly error: { readonly status: number; readonly code: string; readonly message: string };
}

function post(body: BodyInit | undefined, type?: string, query = ''): Promise<Response> {
  const headers = type === undefined ? {} : { 'content-type': type };
  return fetch(`${url}/v1/predict${query}`, { method: 'POST', headers, ...(body === undefined ? {} : { body }) });
}

function raw(bytes: Buffer, type = 'image/jpeg'): Promise<Response> {
  return post(new Uint8Array(bytes), type);
}

function form(files: readonly (readonly [string, Buffer])[], fields: Record<string, string> = {}): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  for (const [name, bytes] of files) data.append('image', new Blob([new Uint8Array(bytes)]), name);
  return data;
}

async function answered(response: Response): Promise<Answered> {
  const body = (await response.json()) as Answered;
  expect(response.status, JSON.stringify(body)).toBe(200);
  return body;
}

describe('mien serve', () => {
  it('gives the numbers of mien predict, however the picture comes', async () => {
    const files = ['photo.jpg', 'small.png'].map((name) => join(folder, name));
    const { stdout } = await mien('predict', '--json', ...files);
    const { predictions } = JSON.parse(stdout) as { predictions: { probabilities: Record<string, number> }[] };
    const expected = predictions.map(({ probabilities }) => probabilities);
    const both = [
      ['photo.jpg', jpeg],
      ['small.png', png],
    ] as const;
    const asJson = { images: both.map(([name, bytes]) => ({ name, data: bytes.toString('base64') })) };
    const answers = await Promise.all([
      post(form(both)).then(answered),
      post(JSON.stringify(asJson), 'application/json').then(answered),
      Promise.all([raw(jpeg), raw(png, 'application/octet-stream')].map((one) => one.then(answered))),
    ]);
    const [byForm, byJson, one] = answers;
    const byBody = { ...byForm, predictions: one.flatMap(({ predictions: list }) => list) };
    for (const answer of [byForm, byJson, byBody]) {
      expect(answer.predictions).toHaveLength(2);
      answer.predictions.forEach(({ faces = [] }, i) => {
        const [face] = faces;
        for (const [name, p] of Object.entries(expected[i] ?? {}))
          // Another batch size may take another kernel: float32 rounding.
          expect(Math.abs((face?.probabilities[name] ?? NaN) - p)).toBeLessThan(1e-5);
      });
    }
    // Orientation 6 turns the picture upright.
    expect(byForm.predictions[0]).toMatchObject({ name: 'photo.jpg', width: 60, height: 90 });
    expect(byJson.predictions.map(({ name }) => name)).toEqual(['photo.jpg', 'small.png']);
  }, 120_000);

  it('answers the good pictures of a request and names the others', async () => {
    const body = await answered(await post(form([['bad.gif', Buffer.from('GIF89a')], ['small.png', png]])));
    expect(body.failed).toBe(1);
    expect(body.predictions[0]?.error).toEqual({
      status: 415,
      code: 'unsupported_picture',
      message:
        'bad.gif: received bytes of another format, expected a JPEG, PNG, WebP or BMP picture; convert it first.',
    });
    expect(body.predictions[1]?.faces).toHaveLength(1);
  });

  it('answers many clients at once, in batches', async () => {
    const all = await Promise.all(Array.from({ length: 64 }, () => raw(png, 'image/png').then(answered)));
    const texts = all.map(({ predictions }) => JSON.stringify(predictions[0]?.faces?.[0]?.class));
    expect(new Set(texts).size).toBe(1);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const figure = (name: string) => Number(new RegExp(`^${name}\\{.*\\} (\\S+)$`, 'm').exec(metrics)?.[1]);
    expect(figure('mien_batch_faces_sum') / figure('mien_batch_faces_count')).toBeGreaterThan(1.5);
  });

  it('writes one line of JSON per request, without names, addresses or pictures', async () => {
    await post(form([['secret-name.png', png]]));
    const lines = server.stderr().trim().split('\n');
    for (const line of lines) expect(() => JSON.parse(line) as unknown, line).not.toThrow();
    expect(server.stderr()).toContain('"route":"/v1/predict","status":200');
    expect(server.stderr()).not.toMatch(/secret-name|remote|authorization/);
  });
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
      resolve(new Response(body.join('\r\n\r\n'), { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 500) }));
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
  ['no body', () => post(undefined), 400, 'no_picture', /^body: received no picture, expected at least one; send /],
  [
    ...['an empty picture', () => raw(Buffer.alloc(0)), 400, 'empty_picture'] as const,
    'picture 1: received a picture of 0 bytes, expected the bytes of a JPEG, PNG, WebP or BMP picture.',
  ],
  [
    ...['text', () => post('hello', 'text/plain'), 415, 'unsupported_type'] as const,
    `Content-Type: received none that is read, ${TYPES}`,
  ],
  [
    ...['no content type', () => post(new Uint8Array(png)), 415, 'unsupported_type'] as const,
    `Content-Type: received none that is read, ${TYPES}`,
  ],
  [
    'a compressed body',
    () =>
      fetch(`${url}/v1/predict`, {
        ...{ method: 'POST', body: new Uint8Array(png) },
        headers: { 'content-type': 'image/png', 'content-encoding': 'gzip' },
      }),
    ...[415, 'unsupported_encoding'] as const,
    'Content-Encoding: received a compressed body, expected pictures as they are, for they are compressed already.',
  ],
  [
    ...['a GIF', () => raw(Buffer.from('GIF89a'), 'image/png'), 415, 'unsupported_picture'] as const,
    `picture 1: received bytes of another format, ${EXPECTED}`,
  ],
  [
    ...['an SVG', () => post(form([['a.svg', Buffer.from('<svg/>')]])), 415, 'unsupported_picture'] as const,
    `a.svg: received bytes of another format, ${EXPECTED}`,
  ],
  [
    ...['a truncated JPEG', () => raw(cut(jpeg)), 422, 'damaged_picture'] as const,
    /^picture 1: received bytes that do not decode \(.*\), expected a readable JPEG, PNG, WebP or BMP picture; send it again whole\.$/,
  ],
  [
    ...['a truncated PNG', () => raw(cut(png), 'image/png'), 422, 'damaged_picture'] as const,
    /^picture 1: received bytes that do not decode /,
  ],
  ['a JPEG of noise', () => raw(Buffer.concat([jpeg.subarray(0, 4), Buffer.alloc(99, 7)])), 422, 'damaged_picture', /^picture 1: /],
  [
    ...['a PNG bomb', () => raw(bomb(60_000, 60_000), 'image/png'), 413, 'too_many_pixels'] as const,
    'picture 1: received a picture of 60000x60000 pixels, expected at most 250000 pixels; shrink the picture first.',
  ],
  ['a BMP bomb', () => raw(bmpBomb(), 'image/bmp'), 413, 'too_many_pixels', /a picture of 60000x60000 pixels/],
  [
    ...['a body above the limit', () => raw(Buffer.alloc(70_000)), 413, 'body_too_large'] as const,
    'body: received more than 65536 bytes, expected at most 65536 bytes in one request; send fewer or smaller pictures.',
  ],
  [
    'an endless body without a length',
    () => endless(),
    ...[413, 'body_too_large', /^body: received more than 65536 bytes/] as const,
  ],
  [
    ...['a form above the limit', () => post(form([['a.png', Buffer.alloc(70_000)]])), 413, 'body_too_large'] as const,
    /^body: received more than 65536 bytes/,
  ],
  [
    'too many pictures in a form',
    () => post(form(Array.from({ length: 4 }, () => ['a.png', png] as const))),
    ...[413, 'too_many_pictures', /^(body|form): received more than 3 /] as const,
  ],
  [
    'too many pictures in JSON',
    () => post(JSON.stringify({ images: Array.from({ length: 4 }, () => 'AAAA') }), 'application/json'),
    ...[413, 'too_many_pictures'] as const,
    'body: received more than 3 pictures, expected at most 3 in one request; send them in several requests.',
  ],
  [
    ...['broken JSON', () => post('{"image":', 'application/json'), 400, 'wrong_json'] as const,
    'body: received text that is not JSON, expected a JSON object.',
  ],
  [
    ...['JSON of another shape', () => post('{"picture":"AAAA"}', 'application/json'), 400, 'wrong_json'] as const,
    'body: received the unknown field "picture", expected image, images or model.',
  ],
  [
    ...['no base64', () => post('{"image":"%%"}', 'application/json'), 400, 'wrong_json'] as const,
    'image: received a text that is not base64, expected a picture in base64, or a data URL.',
  ],
  ['an empty list', () => post('{"images":[]}', 'application/json'), 400, 'no_picture', /^body: received no picture/],
  [
    ...['a poisoned prototype', () => post('{"__proto__":{"a":1}}', 'application/json'), 400, 'wrong_json'] as const,
    'body: received text that is not JSON, expected a JSON object.',
  ],
  ['a form without boundary', () => post('x', 'multipart/form-data'), 400, 'broken_form', BROKEN],
  [
    'a form that is cut off',
    () => post('--b\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\nabc', 'multipart/form-data; boundary=b'),
    ...[400, 'broken_form', BROKEN] as const,
  ],
  [
    ...['a form without a file', () => post(form([], { model: 'mien' })), 400, 'no_picture'] as const,
    /^body: received no picture/,
  ],
  [
    ...['an unknown field', () => post(form([], { path: '/etc' })), 400, 'unknown_field'] as const,
    'form: received the field "path" without a file name, expected files, and a field "model".',
  ],
  [
    ...['an unknown model', () => post(new Uint8Array(png), 'image/png', '?model=vgg'), 404, 'unknown_model'] as const,
    'model: received a name that is not served, expected one of mien.',
  ],
  [
    ...['an unknown path', () => fetch(`${url}/v2/predict`), 404, 'not_found'] as const,
    'path: received one that does not exist, expected one of those that /openapi.json lists.',
  ],
  [
    ...['another method', () => fetch(`${url}/v1/predict`), 405, 'wrong_method'] as const,
    '/v1/predict: received GET, expected POST.',
  ],
  [
    'the name of another machine',
    () => rawSocket('GET /v1/models HTTP/1.1\r\nHost: evil.org\r\nConnection: close\r\n\r\n'),
    ...[421, 'wrong_host', /^Host: received the name of another machine/] as const,
  ],
  [
    ...['no HTTP', () => rawSocket('hello\r\n\r\n'), 400, 'malformed_request'] as const,
    'request: received bytes that are no HTTP request, expected HTTP/1.1 as RFC 9112 has it.',
  ],
  [
    'huge headers',
    () => rawSocket(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`),
    ...[431, 'headers_too_large', /^request: received headers of more than 16 kB/] as const,
  ],
  [
    'a body that does not arrive',
    () => rawSocket(`${HEAD}Content-Length: 100\r\n\r\nabc`),
    ...[408, 'body_too_slow', /^request: received a request that did not arrive in time/] as const,
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

describe('the end of a server', () => {
  it('answers what was accepted, then exits with 0', async () => {
    const [running, address] = await serve('--model', 'face=mien', '--log-level', 'warn');
    const send = () =>
      fetch(`${address}/v1/predict?model=face`, {
        ...{ method: 'POST', body: new Uint8Array(jpeg), headers: { 'content-type': 'image/jpeg' } },
      });
    const requests = Array.from({ length: 20 }, send);
    await Promise.race(requests);
    running.child.kill('SIGTERM');
    const codes = (await Promise.all(requests)).map(({ status }) => status);
    expect(codes).toEqual(codes.map(() => 200));
    const { code, stderr } = await running.result;
    expect([code, stderr]).toEqual([0, '']);
    await expect(fetch(`${address}/healthz`)).rejects.toThrow();
  }, 120_000);

  it('does not begin without a token, on a taken port, or with an unknown model', async () => {
    const { port } = new URL(url);
    const [open, taken, unknown, twice] = await Promise.all([
      mien('serve', '--host', '0.0.0.0', '--port', '0'),
      mien('serve', '--port', port),
      mien('serve', '--model', 'nowhere'),
      mien('serve', '--model', 'mien', '--model', 'mien'),
    ]);
    expect(open.stderr).toBe(
      'mien: --host: received 0.0.0.0 without a token, expected a token of at least 16 characters, for others can reach this address; put one into MIEN_TOKEN or give --token-file FILE.\n',
    );
    expect(taken.stderr).toContain(
      `mien: --port: received 127.0.0.1:${port}, which another program uses, expected an address that is free; choose another with --port or --host.\n`,
    );
    expect(unknown.stderr).toContain('mien: --model: received "nowhere", expected a .keras or .h5 file');
    expect(twice.stderr).toBe(
      'mien: --model: received two models named "mien", expected different names; name one: --model other=mien.\n',
    );
    expect([open, taken, unknown, twice].map(({ code }) => code)).toEqual([1, 1, 1, 1]);
  }, 120_000);
});

