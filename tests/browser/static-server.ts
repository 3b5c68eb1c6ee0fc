import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
};

/** What a server for tests serves. */
export interface Site {
  /** Folders by the beginning of the path, the longest first that fits. */
  readonly folders: Readonly<Record<string, string>>;
  /** Bytes by path. */
  readonly files: Map<string, Uint8Array>;
  /** Sends the headers that threads need. */
  readonly isolated?: boolean;
}

/** A running server. */
export interface Served {
  readonly url: string;
  /** Paths asked for, in order. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** Serves folders and bytes on loopback. */
export async function serveSite(site: Site): Promise<Served> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(site, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ url: `http://127.0.0.1:${port}`, asked },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(
  { folders, files, isolated = false }: Site,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const path = decodeURIComponent((request.url ?? '/').split('?')[0] ?? '/');
  if (isolated) {
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
  }
  response.setHeader(
    'Content-Type',
    TYPES[extname(path)] ?? (path.endsWith('/') ? 'text/html' : 'application/octet-stream'),
  );
  const bytes = files.get(path);
  if (bytes !== undefined) return response.end(bytes);
  const file = fileOf(folders, path);
  if (file !== undefined) return createReadStream(file).pipe(response);
  response.statusCode = 404;
  return response.end();
}

function fileOf(folders: Site['folders'], path: string): string | undefined {
  const prefix = Object.keys(folders)
    .sort((a, b) => b.length - a.length)
    .find((start) => path.startsWith(start));
  if (prefix === undefined) return undefined;
  const file = join(
    folders[prefix] ?? '',
    normalize(`/${path.slice(prefix.length)}`),
    path.endsWith('/') ? 'index.html' : '',
  );
  return existsSync(file) && statSync(file).isFile() ? file : undefined;
}
