import { describe, expect, it } from 'vitest';

import { checkSameOrigin, pagePolicy } from './guard.js';

const host = '127.0.0.1:8010';

describe('checkSameOrigin', () => {
  it.each([
    ['the page itself', { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }],
    ['a typed address', { host, 'sec-fetch-site': 'none' }],
    ['a program', { host }],
  ])('lets %s ask', (_, headers) => {
    expect(() => checkSameOrigin(headers)).not.toThrow();
  });

  it.each([
    ['another site', { host, 'sec-fetch-site': 'cross-site' }],
    ['another port of this machine', { host, 'sec-fetch-site': 'same-site' }],
    ['another origin', { host, origin: 'http://example.org' }],
    ['a page without an origin', { host, origin: 'null' }],
  ])('refuses %s', (_, headers) => {
    expect(() => checkSameOrigin(headers)).toThrow(expect.objectContaining({ status: 403 }));
  });
});

it('the policy allows WebAssembly only where it is asked for', () => {
  expect(pagePolicy(true)).toContain("'wasm-unsafe-eval'");
  expect(pagePolicy(false)).not.toContain('wasm');
  expect(pagePolicy(false)).not.toContain('unsafe');
});
