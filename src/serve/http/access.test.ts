import { describe, expect, it } from 'vitest';

import { isLoopback } from '../loopback.js';
import { checkLocalName, checkToken, createTokenCheck } from './access.js';

const TOKEN = '0123456789abcdef';

describe('access', () => {
  it('knows loopback addresses', () => {
    expect(['127.0.0.1', '127.1.2.3', '::1', 'localhost'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.org', 'evil.org', ''].some(isLoopback)).toBe(false);
  });

  it('demands a long token where others can reach the server', () => {
    checkToken('127.0.0.1', undefined);
    checkToken('0.0.0.0', TOKEN);
    expect(() => checkToken('0.0.0.0', undefined)).toThrow(
      '--host: received 0.0.0.0 without a token, expected a token of at least 16 characters, for others can reach this address; put one into MIEN_TOKEN or give --token-file FILE.',
    );
    expect(() => checkToken('127.0.0.1', 'short')).toThrow('received a token that is short or has spaces');
  });

  it('compares the whole token', () => {
    const check = createTokenCheck(TOKEN);
    check({ authorization: `Bearer ${TOKEN}` });
    for (const authorization of [undefined, '', TOKEN, `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`])
      expect(() => check(authorization === undefined ? {} : { authorization })).toThrow(
        'Authorization: received',
      );
  });

  it('refuses the names of other machines', () => {
    for (const host of ['localhost:8000', '127.0.0.1', '[::1]:80']) checkLocalName({ host });
    for (const host of ['evil.org', 'localhost.evil.org:8000', '192.168.1.5'])
      expect(() => checkLocalName({ host })).toThrow('Host: received the name of another machine');
  });
});
