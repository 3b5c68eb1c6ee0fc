import { describe, expect, it } from 'vitest';

import type { ImageSet } from './images.js';
import { mixLabels, temper } from './soft-labels.js';
import { parseVotes, voteTargets } from './votes.js';

const images: ImageSet = {
  classes: ['angry', 'happy'],
  height: 1,
  width: 1,
  channels: 1,
  pixels: new Uint8Array(4),
  labels: Int32Array.from([0, 1, 1, 0]),
  names: ['train/angry/1.jpg', 'train/happy/2.jpg', 'train/happy/a,b.jpg', 'train/angry/none.jpg'],
};

const text = `file,neutral,happiness,anger,unknown,NF
train/angry/1.jpg,2,1,3,4,0
train/happy/2.jpg,9,0,0,1,0
"train/happy/a,b.jpg",0,4,0,1,5
`;

describe('voteTargets', () => {
  it('gives the shares of the votes for the classes, under FER2013’s names', () => {
    const { rows, notAFace, known } = voteTargets(images, parseVotes('v.csv', text));
    expect([...rows]).toEqual([0.75, 0.25, 0, 0, 0, 1, 0, 0]);
    expect(notAFace).toEqual([2]);
    expect(known).toBe(2);
  });

  it('adds the votes for the parts of a merged class', () => {
    const merged = { ...images, classes: ['negative', 'happy'] };
    const map = { negative: ['Angry', 'neutral', 'fear'], happy: ['happy'] };
    const votes = parseVotes('v.csv', text);
    expect([...voteTargets(merged, votes, map).rows.slice(0, 4)]).toEqual([
      ...[Math.fround(5 / 6), Math.fround(1 / 6)],
      ...[1, 0],
    ]);
    // Without the map nobody voted for `negative`.
    expect([...voteTargets(merged, votes).rows.slice(0, 4)]).toEqual([0, 1, 0, 0]);
  });

  it('refuses votes about other pictures, and lines that are no votes', () => {
    const others = parseVotes('v.csv', 'file,happiness\nelse.jpg,3\n');
    expect(() => voteTargets(images, others)).toThrow(
      'votes: received answers happy for 1 pictures, the first "else.jpg", expected votes for angry, happy by names like "train/angry/1.jpg".',
    );
    expect(() => parseVotes('v.csv', 'name,x\n')).toThrow('v.csv: received the header "name,x"');
    expect(() => parseVotes('v.csv', 'file,x\na.jpg,two\n')).toThrow('v.csv, line 2: received "a.jpg,two"');
    expect(() => parseVotes('v.csv', '')).toThrow('v.csv: received an empty file');
  });
});

describe('mixLabels', () => {
  it('keeps a picture’s own label where an opinion says nothing', () => {
    const { rows } = voteTargets(images, parseVotes('v.csv', text));
    expect([...mixLabels(images, [{ rows, weight: 0.5 }])]).toEqual([0.875, 0.125, 0, 1, 0, 1, 1, 0]);
  });

  it('adds opinions up to one', () => {
    const one = { rows: Float32Array.from([0, 1, 0, 1, 0, 1, 0, 1]), weight: 0.25 };
    expect([...mixLabels(images, [one, one])]).toEqual([0.5, 0.5, 0, 1, 0, 1, 0.5, 0.5]);
    expect(() => mixLabels(images, [one, { ...one, weight: 0.8 }])).toThrow(
      'soft labels: received weights of 1.05 together',
    );
  });

  it('sharpens and flattens rows', () => {
    const rows = Float32Array.from([0.8, 0.2, 0, 0]);
    temper(rows, 2, 2);
    expect([...rows].map((p) => Number(p.toFixed(4)))).toEqual([0.6667, 0.3333, 0, 0]);
  });
});
