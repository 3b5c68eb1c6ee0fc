import { describe, expect, it } from 'vitest';

import { csvWriter, jsonWriter, textWriter, type PredictionWriter } from './prediction-writers.js';

const good = {
  file: 'a.png',
  class: 'happy',
  probabilities: { happy: 0.75, 'so, so': 0.25 },
  milliseconds: 2,
};
const bad = { file: 'b.png', error: 'b.png: received nothing' };

function written(writer: PredictionWriter, rows: readonly (typeof good | typeof bad)[]): string {
  return (
    rows.map((row) => writer.row(row)).join('') + writer.end(rows.filter((row) => 'error' in row).length)
  );
}

describe('writers of predictions', () => {
  it('text', () => {
    expect(written(textWriter(), [good, bad])).toBe(
      'a.png: happy 75.0 % (so, so 25.0 %), 2.0 ms\nb.png: received nothing\n',
    );
  });

  it('json: one document, also without rows', () => {
    expect(JSON.parse(written(jsonWriter('m'), [bad, good]))).toEqual({
      version: 1,
      model: 'm',
      predictions: [bad, good],
      failed: 1,
    });
    expect(JSON.parse(written(jsonWriter('m'), []))).toMatchObject({ predictions: [], failed: 0 });
  });

  it('csv: errors before the first answer get their columns, too', () => {
    expect(written(csvWriter(), [bad, good, bad]).split('\n')).toEqual([
      'file,class,p_happy,"p_so, so",milliseconds,error',
      'b.png,,,,,b.png: received nothing',
      'a.png,happy,0.750000,0.250000,2.00,',
      'b.png,,,,,b.png: received nothing',
      '',
    ]);
    expect(written(csvWriter(), [bad])).toBe(
      'file,class,milliseconds,error\nb.png,,,b.png: received nothing\n',
    );
  });
});
