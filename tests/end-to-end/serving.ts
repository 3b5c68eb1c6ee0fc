/** A running `mien serve` for tests, and what to send to it. */
import sharp from 'sharp';
import { expect } from 'vitest';

import { start, type Running } from './cli.js';

/** Small limits, so that tests reach them. */
export const LIMITS = [
  ...[
    '--body-limit',
    '0.0625',
    '--max-pictures',
    '3',
    '--max-pixels',
    '0.25',
    '--timeout',
    '4',
    '--workers',
    '2',
  ],
];

/** A colour photograph that must be turned, and a small grey face. */
export async function drawPictures(): Promise<{ readonly jpeg: Buffer; readonly png: Buffer }> {
  // Three channels and an orientation, so that colour, size and turning all matter.
  const pixels = Buffer.from(Array.from({ length: 90 * 60 * 3 }, (_, i) => (i * i * 7 + (i >> 5)) % 256));
  const photo = sharp(pixels, { raw: { width: 90, height: 60, channels: 3 } });
  const jpeg = await photo.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const png = await photo.clone().resize(48, 48).toColourspace('b-w').png().toBuffer();
  return { jpeg, png };
}

/** Starts `mien serve` and reads where it listens. */
export async function serve(...options: readonly string[]): Promise<[Running, string]> {
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

export interface Answered {
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

export interface Refused {
  readonly error: { readonly status: number; readonly code: string; readonly message: string };
}

/** Sends bodies to a server. */
export function clientOf(url: string) {
  const post = (body: RequestInit['body'], type?: string, query = ''): Promise<Response> => {
    const headers = type === undefined ? {} : { 'content-type': type };
    const content = body === undefined || body === null ? {} : { body };
    return fetch(`${url}/v1/predict${query}`, { method: 'POST', headers, ...content });
  };
  const raw = (bytes: Buffer, type = 'image/jpeg') => post(new Uint8Array(bytes), type);
  return { post, raw };
}

export function form(
  files: readonly (readonly [string, Buffer])[],
  fields: Record<string, string> = {},
): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  for (const [name, bytes] of files) data.append('image', new Blob([new Uint8Array(bytes)]), name);
  return data;
}

export async function answered(response: Response): Promise<Answered> {
  const body = (await response.json()) as Answered;
  expect(response.status, JSON.stringify(body)).toBe(200);
  return body;
}
