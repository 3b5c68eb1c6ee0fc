import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';

import type { Engine, Job } from '../engine/job.js';
import type { ServedModel } from '../engine/served-model.js';
import { defaultLimits, type ServeLimits } from '../limits.js';
import { createApp } from './app.js';
import { Gate } from './gate.js';
import { Metrics } from './metrics.js';

const model = {
  id: 'toy',
  classes: ['sad', 'happy'],
  preprocessing: { sourceSize: [48, 48], inputSize: [64, 64], colour: 'grey' },
  pictureShape: [1, 48, 48],
  graphs: [{ batchSize: 4, bytes: new Uint8Array() }],
} as unknown as ServedModel;

/** Answers every picture alike. */
const happy: Engine = {
  answer: ({ pictures }: Job) =>
    Promise.resolve(
      pictures.map(() => ({
        ...{ width: 9, height: 8, faces: [{ box: null, score: null, probabilities: [0.25, 0.75] }] },
      })),
    ),
  close: () => Promise.resolve(),
};
/** Never answers. */
const stuck: Engine = {
  answer: (_, signal) =>
    new Promise((_resolve, reject) =>
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
    ),
  close: () => Promise.resolve(),
};
const broken: Engine = { answer: () => Promise.reject(new Error('secret')), close: () => Promise.resolve() };

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

async function serve(engine: Engine, given: Partial<ServeLimits> = {}, token?: string) {
  const limits = { ...defaultLimits, ...given };
  const gate = new Gate(limits);
  const metrics = new Metrics(() => gate.waiting);
  const rest = { isReady: () => true, token, version: '1.2.3' };
  const app = await createApp({ models: [model], engine, limits, gate, metrics, ...rest });
  open.push(app);
  return { app, gate };
}

const picture = await sharp({ create: { width: 9, height: 8, channels: 3, background: '#888' } })
  .png()
  .toBuffer();
const post = {
  ...{ method: 'POST', url: '/v1/predict', payload: picture },
  headers: { 'content-type': 'image/png' },
} as const;

describe('POST /v1/predict', () => {
  it('answers a picture, and leaves nothing in the queue', async () => {
    const { app, gate } = await serve(happy);
    const response = await app.inject(post);
    expect(response.statusCode).toBe(200);
    const faces = [{ box: null, score: null, class: 'happy', probabilities: { sad: 0.25, happy: 0.75 } }];
    expect(response.json()).toMatchObject({
      ...{ model: 'toy', failed: 0, predictions: [{ name: null, width: 9, height: 8, faces }] },
    });
    expect(response.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(gate.waiting).toBe(0);
  });

  it('looks for faces where the query, the form or the JSON asks for it', async () => {
    const asked: boolean[] = [];
    const noting: Engine = {
      answer: (job) => {
        asked.push(job.detect);
        return happy.answer(job);
      },
      close: () => Promise.resolve(),
    };
    const { app } = await serve(noting);
    const image = picture.toString('base64');
    const field = '--x\r\ncontent-disposition: form-data; name="detect"\r\n\r\ntrue\r\n';
    const file = '--x\r\ncontent-disposition: form-data; name="image"; filename="a.png"\r\n\r\n';
    const form = Buffer.concat([Buffer.from(field + file), picture, Buffer.from('\r\n--x--\r\n')]);
    const multipart = { 'content-type': 'multipart/form-data; boundary=x' };
    const url = '/v1/predict';
    for (const request of [
      post,
      { ...post, url: `${url}?detect=true` },
      { ...post, url: `${url}?detect=false` },
      { ...post, payload: form, headers: multipart },
      { method: 'POST', url, payload: { image, detect: true } } as const,
      { method: 'POST', url: `${url}?detect=true`, payload: { image, detect: false } } as const,
    ])
      expect((await app.inject(request)).statusCode).toBe(200);
    expect(asked).toEqual([false, true, false, true, true, false]);
    const wrong = await app.inject({ ...post, url: `${url}?detect=yes` });
    expect(wrong.statusCode).toBe(400);
    expect(wrong.json()).toMatchObject({
      error: { code: 'wrong_detect', message: 'detect: received another word, expected true or false.' },
    });
  });

  it('says 503 with Retry-After when no answer comes in time', async () => {
    const { app, gate } = await serve(stuck, { timeout: 50 });
    const response = await app.inject(post);
    expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '1']);
    expect(response.json()).toMatchObject({
      error: {
        code: 'timeout',
        message:
          'server: received no answer within 0.05 seconds, expected fewer requests at the same time; try again in 1 s.',
      },
    });
    expect(gate.waiting).toBe(0);
  });

  it('says 503 with Retry-After to the request that is one too many', async () => {
    const { app } = await serve(stuck, { queue: 2, timeout: 300 });
    const all = await Promise.all([1, 2, 3].map(() => app.inject(post)));
    const codes = all.map((response) => response.json<{ error: { code: string } }>().error.code);
    expect(codes.sort()).toEqual(['queue_full', 'timeout', 'timeout']);
    expect(all.every(({ headers }) => headers['retry-after'] === '1')).toBe(true);
  });

  it('drops the work of a client that goes away', async () => {
    const { app, gate } = await serve(stuck);
    const url = await app.listen({ port: 0 });
    const leaving = new AbortController();
    const request = fetch(`${url}/v1/predict`, {
      ...{ method: 'POST', body: new Uint8Array(picture), signal: leaving.signal },
      headers: { 'content-type': 'image/png' },
    });
    while (gate.waiting === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    leaving.abort();
    await expect(request).rejects.toThrow();
    while (gate.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('keeps what went wrong inside to itself', async () => {
    const { app } = await serve(broken);
    const response = await app.inject(post);
    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain('secret');
  });
});

describe('access', () => {
  it('limits the rate of a client, not the health checks', async () => {
    const { app } = await serve(happy, { ratePerMinute: 2 });
    const codes = [];
    for (let i = 0; i < 4; i++) codes.push((await app.inject(post)).statusCode);
    expect(codes).toEqual([200, 200, 429, 429]);
    const refused = await app.inject(post);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.json<{ error: { message: string } }>().error.message).toMatch(
      /^client: received more than 2 requests in a minute, expected fewer; try again in \d+ s\.$/,
    );
    expect((await app.inject('/healthz')).statusCode).toBe(200);
  });

  it('wants the token, except for health and the description', async () => {
    const token = 'a-token-of-some-length';
    const { app } = await serve(happy, {}, token);
    const refused = await app.inject(post);
    expect([refused.statusCode, refused.headers['www-authenticate']]).toEqual([401, 'Bearer realm="mien"']);
    const authorization = `Bearer ${token}`;
    expect((await app.inject({ ...post, headers: { ...post.headers, authorization } })).statusCode).toBe(200);
    for (const url of ['/v1/models', '/metrics']) expect((await app.inject(url)).statusCode).toBe(401);
    for (const url of ['/healthz', '/readyz', '/openapi.json', '/docs'])
      expect((await app.inject(url)).statusCode, url).toBe(200);
  });

  it('refuses the name of another machine when there is no token', async () => {
    const { app } = await serve(happy);
    const response = await app.inject({ ...post, headers: { ...post.headers, host: 'evil.org' } });
    expect(response.statusCode).toBe(421);
  });
});

describe('the description', () => {
  it('lists every route with its answers', async () => {
    const { app } = await serve(happy);
    const { paths } = (await app.inject('/openapi.json')).json<{ paths: Record<string, object> }>();
    expect(Object.keys(paths).sort()).toEqual([
      '/healthz',
      '/metrics',
      '/readyz',
      '/v1/models',
      '/v1/predict',
    ]);
    expect(JSON.stringify(paths['/v1/predict'])).toContain(
      '"image/jpeg":{"schema":{"type":"string","format":"binary"}}',
    );
  });

  it('is rendered by a page that loads nothing from elsewhere', async () => {
    const { app } = await serve(happy);
    const page = await app.inject('/docs');
    expect(page.body).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self';");
    const base = 'http://localhost/docs';
    const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(
      ([, at = '']) => new URL(at, base),
    );
    expect(sources.length).toBeGreaterThan(3);
    for (const { pathname } of sources) expect((await app.inject(pathname)).statusCode, pathname).toBe(200);
  });

  it('tells the models and the figures', async () => {
    const { app } = await serve(happy);
    await app.inject(post);
    const { models } = (await app.inject('/v1/models')).json<{ models: object[] }>();
    expect(models).toEqual([
      {
        ...{ id: 'toy', default: true, classes: ['sad', 'happy'], sourceSize: [48, 48], inputSize: [64, 64] },
        ...{ colour: 'grey', batchSize: 4 },
      },
    ]);
    const metrics = await app.inject('/metrics');
    expect(metrics.headers['content-type']).toContain('text/plain; version=0.0.4');
    expect(metrics.body).toContain('mien_pictures_total{model="toy",outcome="answered"} 1');
    expect(metrics.body).toContain(
      'mien_http_requests_total{route="/v1/predict",method="POST",status="200"} 1',
    );
  });
});
