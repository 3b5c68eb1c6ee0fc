import { describe, expect, it } from 'vitest';

import type { PredictionRow } from '../../src/node.js';
import { csvWriter, jsonWriter, textWriter, type PredictionWriter } from './prediction-writers.js';

const good = {
  file: 'a.png',
  class: 'happy',
  probabilities: { happy: 0.75, 'so, so': 0.25 },
  milliseconds: 2,
};
const found = {
  ...good,
  file: 'c.jpg',
  face: {
    number: 1,
    of: 2,
    box: { x: 10.04, y: 20, width: 30.5, height: 30.5 },
    score: 0.9,
    keyPoints: [{ name: 'mouth', x: 25, y: 40 }],
  },
};
const faceless = { file: 'd.jpg', error: 'd.jpg: no face found', faces: 0, milliseconds: 3 } as const;
const bad = { file: 'b.png', error: 'b.png: received nothing' };

function written(writer: PredictionWriter, rows: readonly PredictionRow[]): string {
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

  it('text: where faces are, and where none is', () => {
    expect(written(textWriter(), [found, faceless])).toBe(
      'c.jpg, face 1 of 2 (31×31 at 10, 20): happy 75.0 % (so, so 25.0 %), 2.0 ms\n' +
        'd.jpg: no face found (--no-detect takes the whole picture as one)\n',
    );
  });

  it('csv: places of faces in columns of their own', () => {
    expect(written(csvWriter({ places: true }), [faceless, bad, good, found]).split('\n')).toEqual([
      'file,class,p_happy,"p_so, so",milliseconds,error,face,faces,x,y,width,height,score',
      'd.jpg,,,,3.00,d.jpg: no face found,,0,,,,,',
      'b.png,,,,,b.png: received nothing,,,,,,,',
      'a.png,happy,0.750000,0.250000,2.00,,,,,,,,',
      'c.jpg,happy,0.750000,0.250000,2.00,,1,2,10.0,20.0,30.5,30.5,0.9000',
      '',
    ]);
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
    expect(written(csvWriter({ places: false }), [bad, good, bad]).split('\n')).toEqual([
      'file,class,p_happy,"p_so, so",milliseconds,error',
      'b.png,,,,,b.png: received nothing',
      'a.png,happy,0.750000,0.250000,2.00,',
      'b.png,,,,,b.png: received nothing',
      '',
    ]);
    expect(written(csvWriter({ places: false }), [bad])).toBe(
      'file,class,milliseconds,error\nb.png,,,b.png: received nothing\n',
    );
  });
});
