import { describe, expect, it } from 'vitest';

import { parseVotes } from '../../data/votes.js';
import { worstSheet } from '../charts/worst-sheet.js';
import { formatWorst, worstAnswers } from './worst.js';

const files = ['a', 'b', 'c', 'd', 'e', 'f'];
const scores = {
  classes: ['happy', 'angry', 'sad'],
  labels: Int32Array.from([0, 0, 1, 1, 2, 2]),
  probabilities: Float32Array.from(
    [
      [0.9, 0.1, 0],
      [0.3, 0.7, 0],
      [0.8, 0.1, 0.1],
      [0.6, 0.2, 0.2],
      [0.5, 0.1, 0.4],
      [0.1, 0.55, 0.35],
    ].flat(),
  ),
};
const votes = parseVotes(
  'votes',
  'file,happiness,anger,sadness,fear\na,1,0,0,0\nb,2,8,0,0\nc,1,9,0,0\ne,5,0,5,0\nf,0,1,2,7\n',
);

describe('worstAnswers', () => {
  const worst = worstAnswers({ split: 'test', scores, files, count: 3, votes });

  it('names the surest wrong answers, and counts all', () => {
    expect(worst.answers.map(({ file }) => file)).toEqual(['c', 'b', 'd']);
    expect([worst.n, worst.wrong]).toEqual([6, 5]);
    const [first] = worst.answers;
    expect(first).toMatchObject({ label: 'angry', predicted: 'happy' });
    expect(first!.confidence).toBeCloseTo(0.8);
    expect(first!.labelProbability).toBeCloseTo(0.1);
    expect(first!.votes).toEqual([
      ['angry', 9],
      ['happy', 1],
    ]);
  });

  it('says with whom people side, over all wrong answers', () => {
    expect(worst.sides).toEqual({ known: 4, withLabel: 1, withAnswer: 1, undecided: 1, neither: 1 });
    expect(worst.answers[2]!.votes).toBeNull();
    expect(formatWorst(worst)).toContain(
      "of 4 wrong answers with votes: 1 for the label, 1 for the model's answer, 1 for both, 1 for neither",
    );
  });

  it('says nothing of votes that were not given', () => {
    const plain = worstAnswers({ split: 'test', scores, files, count: 1 });
    expect(plain.sides).toBeUndefined();
    expect(plain.answers[0]).not.toHaveProperty('votes');
    expect(formatWorst(plain).split('\n')[2]).toBe('file  label  answer  confidence');
  });

  it('draws a tile for each answer, also where there is none', () => {
    const svg = worstSheet(worst, new Map([['c', 'data:image/png;base64,AA==']]));
    expect(svg.match(/<image /g)).toHaveLength(1);
    expect(svg).toContain('>9 angry<');
    expect(svg).toContain('>no votes<');
    expect(svg).toContain('the 3 surest');
    const none = worstSheet({ ...worst, wrong: 0, answers: [] }, new Map());
    expect(none).not.toMatch(/NaN|undefined/);
  });
});
