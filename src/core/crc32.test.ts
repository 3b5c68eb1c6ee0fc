import { describe, expect, it } from 'vitest';

import { crc32 } from './crc32.js';

describe('crc32', () => {
  it('is the published check value, of nothing zero', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array(0))).toBe(0);
  });

  it('goes on where it stopped', () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7919) % 251);
    const whole = crc32(bytes);
    for (const cut of [0, 1, 500, 1000]) {
      expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(whole);
    }
  });
});
