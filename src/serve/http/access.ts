import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { InputError } from '../../core/errors.js';
import { isLoopback } from '../loopback.js';
import { RequestError } from './problem.js';

/** Fewest characters of a token: 16 random hexadecimal digits are 64 bits. */
const SHORTEST_TOKEN = 16;

/** @throws InputError when a server that others reach has no token, or a short one */
export function checkToken(host: string, token: string | undefined): void {
  if (token === undefined && isLoopback(host)) return;
  if (token !== undefined && token.length >= SHORTEST_TOKEN && /^[\x21-\x7e]+$/.test(token)) return;
  throw new InputError({
    where: '--host',
    received: token === undefined ? `${host} without a token` : 'a token that is short or has spaces',
    expected: `a token of at least ${SHORTEST_TOKEN} characters, for others can reach this address`,
    remedy: 'put one into MIEN_TOKEN or give --token-file FILE',
  });
}

/** Throws RequestError 401 unless the request carries the token. */
export function createTokenCheck(token: string): (headers: IncomingHttpHeaders) => void {
  const expected = digest(`Bearer ${token}`);
  return ({ authorization }) => {
    // Digests have the same length, so the comparison takes the same time whatever was sent.
    if (timingSafeEqual(digest(authorization ?? ''), expected)) return;
    throw new RequestError(
      401,
      'unauthorized',
      {
        where: 'Authorization',
        received: authorization === undefined ? 'no such header' : 'another token',
        expected: '"Bearer" and the token of this server',
      },
      { 'www-authenticate': 'Bearer realm="mien"' },
    );
  };
}

/**
 * Throws RequestError 421 unless the request names this machine: a web page elsewhere could let its own name point to
 * 127.0.0.1 and read answers otherwise.
 */
export function checkLocalName({ host = '' }: IncomingHttpHeaders): void {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  if (isLoopback(name)) return;
  throw new RequestError(421, 'wrong_host', {
    where: 'Host',
    received: 'the name of another machine',
    expected: 'localhost, 127.0.0.1 or [::1], for this server has no token',
    remedy: 'start it with a token to use another name',
  });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
