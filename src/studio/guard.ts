import type { IncomingHttpHeaders } from 'node:http';

import { RequestError } from '../serve/http/problem.js';

/**
 * Throws RequestError 403 unless a request comes from the studio's own page or from a program that is no browser: another
 * page could start trainings or look at pictures otherwise. Browsers send `Sec-Fetch-Site` with every request and `Origin`
 * with every POST, and let no page change them.
 */
export function checkSameOrigin({ origin, host, ...headers }: IncomingHttpHeaders): void {
  const site = headers['sec-fetch-site'];
  // "none": a person typed the address or opened a bookmark.
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw foreign('Sec-Fetch-Site');
  if (origin !== undefined && origin !== `http://${host ?? ''}`) throw foreign('Origin');
}

function foreign(where: string): RequestError {
  return new RequestError(403, 'wrong_origin', {
    where,
    received: 'a request of another page',
    expected: "one of the studio's own page",
  });
}

/** Headers of every answer of the studio: nothing from elsewhere, and nothing for pages elsewhere. */
export const ISOLATION = {
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(self), microphone=(), geolocation=()',
} as const;

/**
 * The policy of a page. WebAssembly is allowed only where a network runs in the page.
 * @param wasm whether this page compiles WebAssembly
 */
export function pagePolicy(wasm: boolean): string {
  const scripts = wasm ? "'self' 'wasm-unsafe-eval'" : "'self'";
  return [
    "default-src 'self'",
    `script-src ${scripts}`,
    "img-src 'self' blob:",
    "media-src 'self' blob:",
    `worker-src 'self'${wasm ? ' blob:' : ''}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
