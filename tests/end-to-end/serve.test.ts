/** The real server process over HTTP: answers, and its end. */
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { mien, workshop, type Running } from './cli.js';
import { answered, clientOf, drawPictures, form, LIMITS, serve } from './serving.js';

const { path: folder, remove } = workshop();

let server: Running;
let url: string;
let jpeg: Buffer;
let png: Buffer;
let post: ReturnType<typeof clientOf>['post'];
let raw: ReturnType<typeof clientOf>['raw'];

beforeAll(async () => {
  ({ jpeg, png } = await drawPictures());
  writeFileSync(join(folder, 'photo.jpg'), jpeg);
  writeFileSync(join(folder, 'small.png'), png);
  [server, url] = await serve(...LIMITS);
  ({ post, raw } = clientOf(url));
}, 120_000);

afterAll(async () => {
  server.child.kill('SIGTERM');
  await server.result;
  remove();
});

/** A request on a connection of its own: when its last byte is with the system, and its answer's code. */
function sendAlone(url: string, body: Uint8Array) {
  const headers = { 'content-type': 'image/jpeg', 'content-length': body.length };
  const sending = request(url, { method: 'POST', agent: false, headers });
  const status = once(sending, 'response').then(([response]: IncomingMessage[]) => {
    response?.resume();
    return response?.statusCode;
  });
  const flushed = once(sending, 'finish');
  sending.end(body);
  return { flushed, status };
}

describe('mien serve', () => {
  it('gives the numbers of mien predict, however the picture comes', async () => {
    const files = ['photo.jpg', 'small.png'].map((name) => join(folder, name));
    const { stdout } = await mien('predict', '--json', ...files);
    const { predictions } = JSON.parse(stdout) as {
      predictions: { probabilities: Record<string, number> }[];
    };
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

  it('looks for faces when asked, but takes a small picture as one', async () => {
    const create = { width: 200, height: 160, channels: 3, background: '#778899' } as const;
    const empty = (await sharp({ create }).png().toBuffer()).toString('base64');
    const images = [empty, png.toString('base64')];
    const body = JSON.stringify({ images, detect: true });
    const { predictions } = await post(body, 'application/json').then(answered);
    expect(predictions.map(({ faces }) => faces?.length)).toEqual([0, 1]);
  }, 120_000);

  it('answers the good pictures of a request and names the others', async () => {
    const body = await answered(
      await post(
        form([
          ['bad.gif', Buffer.from('GIF89a')],
          ['small.png', png],
        ]),
      ),
    );
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

describe('the end of a server', () => {
  it('answers what was accepted, then exits with 0', async () => {
    const [running, address] = await serve('--model', 'face=mien', '--log-level', 'warn');
    const sent = Array.from({ length: 40 }, () => sendAlone(`${address}/v1/predict?model=face`, jpeg));
    await Promise.all(sent.map(({ flushed }) => flushed));
    // Whoever asks after them is answered after the server has seen them all.
    await fetch(`${address}/healthz`);
    running.child.kill('SIGTERM');
    const codes = await Promise.all(sent.map(({ status }) => status));
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
