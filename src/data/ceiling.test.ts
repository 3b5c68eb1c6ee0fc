import { describe, expect, it } from 'vitest';

import { labelCeiling } from './ceiling.js';
import type { ImageSet } from './images.js';
import { parseVotes } from './votes.js';

function setOf(classes: readonly string[], pictures: Readonly<Record<string, string>>): ImageSet {
  const names = Object.keys(pictures);
  const labels = Int32Array.from(names, (name) => classes.indexOf(pictures[name]!));
  return { classes, height: 1, width: 1, channels: 1, pixels: new Uint8Array(names.length), labels, names };
}

const votes = parseVotes(
  'votes',
  [
    'file,happiness,anger,fear,unknown,nf',
    'a,10,0,0,0,0',
    'b,6,2,0,2,0',
    'c,3,3,4,0,0',
    'd,0,0,9,1,0',
    'e,2,2,0,0,6',
  ].join('\n'),
);
const images = setOf(['happy', 'angry'], {
  a: 'happy',
  b: 'angry',
  c: 'happy',
  d: 'angry',
  e: 'happy',
  f: 'happy',
});

describe('labelCeiling', () => {
  it('counts votes for the classes alone, and leaves out what has none or is no face', () => {
    const ceiling = labelCeiling(images, votes);
    expect(ceiling).toMatchObject({ n: 6, counted: 3, notAFace: 1 });
    // a: 1; b: 2 of 8 for its label; c: 3 of 6, a tie.
    expect(ceiling.voter.accuracy).toBeCloseTo((1 + 0.25 + 0.5) / 3);
    expect(ceiling.majority.accuracy).toBeCloseTo((1 + 0 + 0.5) / 3);
    expect(ceiling.best.accuracy).toBeCloseTo((1 + 0.75 + 0.5) / 3);
    expect(ceiling.majority.perClass).toEqual({ happy: 0.75, angry: 0 });
    expect(ceiling.majority.macroAccuracy).toBeCloseTo(0.375);
    // Deviations ½, −½, 0 of three pictures.
    expect(ceiling.majority.standardError).toBeCloseTo(Math.sqrt(0.5 / 3 / 3));
  });

  it('says what it lacks', () => {
    expect(() => labelCeiling(setOf(['happy'], { e: 'happy' }), votes)).toThrow(
      'votes: received no picture that is a face to most, expected some.',
    );
    const empty = labelCeiling(setOf(['happy', 'angry', 'fear'], { a: 'happy', d: 'fear' }), votes);
    expect(empty.voter.perClass).toEqual({ happy: 1, angry: null, fear: 1 });
  });
});
