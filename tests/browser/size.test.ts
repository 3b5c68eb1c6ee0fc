/** What a page has to load, as Vite and esbuild bundle it. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { beforeAll, expect, it } from 'vitest';

import { buildPage } from './site.js';

/**
 * Bytes after gzip. The page's part holds `load` and the camera; the worker's part is ONNX Runtime's glue for four
 * fifths and more. A tenth of room is left: what grows beyond drags something in that a page does not need.
 */
const LIMITS = { index: 5_400, 'worker-url': 6_600, worker: 33_000, 'worker-webgpu': 49_000 } as const;

let assets: string;

beforeAll(async () => {
  assets = join(await buildPage(), 'assets');
});

it('stays below its limits', () => {
  const sizes = Object.keys(LIMITS).map((name) => {
    const file = readdirSync(assets).find((other) => new RegExp(`^${name}-[^-]{8}\\.js$`).test(other));
    return [name, gzipSync(readFileSync(join(assets, file ?? 'missing'))).length] as const;
  });
  console.log(sizes.map(([name, size]) => `${name}: ${size} bytes after gzip`).join('\n'));
  for (const [name, size] of sizes) expect(size, name).toBeLessThan(LIMITS[name as keyof typeof LIMITS]);
});

it('emits one WebAssembly file a device, from the installed package', () => {
  const files = readdirSync(assets).filter((name) => name.endsWith('.wasm'));
  expect(files).toHaveLength(2);
  for (const name of files) expect(statSync(join(assets, name)).size).toBeGreaterThan(1e7);
});
