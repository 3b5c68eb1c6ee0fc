import { describe, expect, it } from 'vitest';

import { createEvaluation, statusOf } from './evaluation.js';
import { formatReport } from './report.js';

const scores = {
  labels: Int32Array.from([0, 0, 0, 0, 0, 1, 1, 1, 1, 3]),
  probabilities: Float32Array.from(
    [0, 0, 0, 0, 1, 1, 1, 1, 0, 0].flatMap((answer) => [0, 1, 2, 3].map((i) => (i === answer ? 0.7 : 0.1))),
  ),
  classes: ['happy', 'sad, or very disappointed', 'angry', 'neutral'],
};

describe('formatReport', () => {
  it('renders every figure in aligned columns', () => {
    const evaluation = createEvaluation({ split: 'test', flip: true, scores, leaked: [0, 9] });
    expect(formatReport(evaluation)).toMatchInlineSnapshot(`
      "Evaluation of "test": 10 images, 4 classes
      Flip averaging: on, each answer is the mean over the image and its mirror image

      Accuracy           0.7000  95 % interval 0.3968 to 0.8922
      Macro accuracy     0.5167  mean of the classes
      Macro precision    0.4722
      Macro recall       0.5167
      Macro F1           0.4924
      Calibration error  0.0000  expected, 15 bins
      Log loss           0.9404  nats per image

      Leaked copies: 2 images here are exact copies of training images
      Without them: accuracy 0.7500 (95 % interval 0.4093 to 0.9285), macro accuracy 0.7500, on 8 images

      Class                      images  accuracy  precision  recall      F1  status
      ---------------------------------------------------------------------------------
      happy                           5    0.8000     0.6667  0.8000  0.7273  OK
      sad, or very disappointed       4    0.7500     0.7500  0.7500  0.7500  WARN
      angry                           0         -          -       -       -  no images
      neutral                         1    0.0000     0.0000  0.0000  0.0000  LOW
      ---------------------------------------------------------------------------------
      Macro mean                     10    0.5167     0.4722  0.5167  0.4924

      Status: OK ≥ .80 / WARN ≥ .70 / LOW. The accuracy of a class is its recall.
      Without images, and left out of the macro means: angry.

      Confusion matrix (rows: true class, columns: predicted class)

                                 happy  sad, or ver…  angry  neutral
      happy                          4             1      0        0
      sad, or very disappointed      1             3      0        0
      angry                          0             0      0        0
      neutral                        1             0      0        0
      "
    `);
  });

  it('says so when there are no leaked copies, and nothing when nobody looked', () => {
    const clean = formatReport(createEvaluation({ split: 'test', flip: false, scores, leaked: [] }));
    expect(clean).toContain('\nLeaked copies: none; no image here is an exact copy of a training image\n');
    expect(clean).toContain('\nFlip averaging: off\n');
    expect(formatReport(createEvaluation({ split: 'test', flip: false, scores }))).not.toContain('copies');
  });

  it('survives a split of nothing but copies', () => {
    const leaked = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    const evaluation = createEvaluation({ split: 'test', flip: false, scores, leaked });
    expect(evaluation.withoutLeaks).toEqual({
      copies: 10,
      n: 0,
      accuracy: null,
      macroAccuracy: null,
      interval: null,
    });
    expect(formatReport(evaluation)).toContain('no other image is left');
  });
});

describe('createEvaluation', () => {
  it('measures the images that are no copies', () => {
    const { withoutLeaks } = createEvaluation({ split: 'test', flip: false, scores, leaked: [0, 9] });
    expect(withoutLeaks).toMatchObject({
      copies: 2,
      n: 8,
      accuracy: 6 / 8,
      macroAccuracy: (3 / 4 + 3 / 4) / 2,
    });
  });

  it('counts a copy that is named twice once', () => {
    const { withoutLeaks } = createEvaluation({ split: 'test', flip: false, scores, leaked: [9, 9] });
    expect(withoutLeaks?.copies).toBe(1);
  });
});

describe('statusOf', () => {
  it('includes the thresholds', () => {
    expect([0.8, 0.7999, 0.7, 0.6999].map(statusOf)).toEqual(['OK', 'WARN', 'WARN', 'LOW']);
  });
});
