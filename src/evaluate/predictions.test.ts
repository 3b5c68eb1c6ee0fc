import { describe, expect, it } from 'vitest';

import { formatPredictions } from './predictions.js';

const predictions = {
  files: ['a.png', 'odd, "name".png'],
  labels: Int32Array.from([0, 1]),
  probabilities: Float32Array.from([0.25, 0.75, 0.1, 0.9]),
  classes: ['happy', 'sad,\nor so'],
};

describe('formatPredictions', () => {
  it('writes a row per image and quotes what needs it', () => {
    expect(formatPredictions(predictions)).toBe(
      'file,label,predicted,p_happy,"p_sad,\nor so"\n' +
        'a.png,happy,"sad,\nor so",0.25,0.75\n' +
        '"odd, ""name"".png","sad,\nor so","sad,\nor so",0.1,0.9\n',
    );
  });

  it('refuses a list of files of another length', () => {
    expect(() => formatPredictions({ ...predictions, files: ['a.png'] })).toThrow(
      'predictions: received 1 file names, expected 2.',
    );
  });
});
