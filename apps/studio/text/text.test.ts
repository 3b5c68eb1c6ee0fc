import { describe, expect, it } from 'vitest';

import { en } from './en.js';
import { ko } from './ko.js';

describe('texts', () => {
  it('have the same keys in both languages', () => {
    expect(Object.keys(ko).sort()).toEqual(Object.keys(en).sort());
  });

  it('are not empty and have the same places for values', () => {
    const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const [key, text] of Object.entries(en)) {
      const other = ko[key as keyof typeof en];
      expect(other.trim(), key).not.toBe('');
      expect(places(other), key).toEqual(places(text));
    }
  });
});
