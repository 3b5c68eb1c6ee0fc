import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';

import type { FastifyInstance, FastifyReply } from 'fastify';

import { InputError } from '../core/errors.js';
import { packageFile } from '../jobs/package.js';
import { STUDIO_PAGES } from './api.js';
import { pagePolicy } from './guard.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * Serves the built page and ONNX Runtime's files for the browser. Paths are looked up in a list made here, so that no path of
 * a request ever reaches the disk.
 * @throws InputError when the page has not been built
 */
export function addPage(app: FastifyInstance): void {
  const folder = packageFile('dist', 'studio');
  const index = join(folder, 'index.html');
  if (!existsSync(index))
    throw new InputError({
      where: 'studio',
      received: 'a Mien whose page has not been built',
      expected: index,
      remedy: 'run "npm run build"',
    });
  for (const page of STUDIO_PAGES)
    hidden(app, `/studio/${page}`, (reply) =>
      send(reply.header('content-security-policy', pagePolicy(false)), index),
    );
  hidden(app, '/studio', (reply) => reply.redirect('/studio/runs'));
  hidden(app, '/studio/', (reply) => reply.redirect('/studio/runs'));
  addFolder(app, '/studio', folder);
  const ort = ortFolder();
  if (ort !== undefined) addFolder(app, '/studio/ort', ort, (name) => /^ort[\w.-]*\.(wasm|mjs)$/.test(name));
}

/** The folder of onnxruntime-web's files, from its own package; undefined where it is not installed. */
function ortFolder(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));
  } catch {
    return undefined;
  }
}

function addFolder(
  app: FastifyInstance,
  prefix: string,
  folder: string,
  wanted: (name: string) => boolean = () => true,
): void {
  for (const name of readdirSync(folder, { encoding: 'utf8', recursive: true })) {
    const path = join(folder, name);
    if (!wanted(name) || name === 'index.html' || !statSync(path).isFile()) continue;
    // A worker lives by the policy of its own file: there, and only there, WebAssembly is compiled.
    const policy = pagePolicy(/^worker-.*\.js$/.test(basename(name)));
    hidden(app, `${prefix}/${name.replaceAll('\\', '/')}`, (reply) =>
      send(reply.header('content-security-policy', policy), path),
    );
  }
}

function hidden(app: FastifyInstance, path: string, answer: (reply: FastifyReply) => FastifyReply): void {
  app.get(path, { schema: { hide: true } }, (_, reply) => answer(reply));
}

function send(reply: FastifyReply, path: string): FastifyReply {
  return reply.type(TYPES[extname(path)] ?? 'application/octet-stream').send(readFileSync(path));
}
