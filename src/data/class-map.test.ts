import { describe, expect, it } from 'vitest';

import { mergeClasses, parseClassMap } from './class-map.js';
import type { ImageSet } from './images.js';

describe('parseClassMap', () => {
  it('reads classes in their order', () => {
    const map = parseClassMap('--map', 'positive=happy  negative=angry,sad');
    expect(map).toEqual({ positive: ['happy'], negative: ['angry', 'sad'] });
    expect(Object.keys(map)).toEqual(['positive', 'negative']);
  });

  it.each([
    ['positive', '--map: received "positive", expected pairs like positive=happy negative=angry,sad.'],
    ['a=x b=', '--map: received "b=", expected pairs like positive=happy negative=angry,sad.'],
    [
      'a=x b=x',
      '--map: received the class "x" twice, expected different class names, e.g. angry,happy,neutral.',
    ],
    [
      'a=x a=y',
      '--map: received the class "a" twice, expected different class names, e.g. angry,happy,neutral.',
    ],
    ['', '--map: received no class, expected different class names, e.g. angry,happy,neutral.'],
  ])('refuses "%s"', (text, message) => {
    expect(() => parseClassMap('--map', text)).toThrow(message);
  });
});

describe('mergeClasses', () => {
  it('relabels, and leaves pictures and names alone', () => {
    const set: ImageSet = {
      classes: ['happy', 'angry', 'sad'],
      height: 1,
      width: 1,
      channels: 1,
      pixels: Uint8Array.of(1, 2, 3, 4),
      labels: Int32Array.of(0, 1, 2, 1),
      names: ['a', 'b', 'c', 'd'],
    };
    const merged = mergeClasses(set, { negative: ['sad', 'angry'], positive: ['happy'] });
    expect(merged.classes).toEqual(['negative', 'positive']);
    expect([...merged.labels]).toEqual([1, 0, 0, 0]);
    expect(merged.pixels).toBe(set.pixels);
  });
});
