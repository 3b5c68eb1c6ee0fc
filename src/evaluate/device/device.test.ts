import { describe, expect, it } from 'vitest';

import { compareAnswers } from './agreement.js';
import { formatAgreement } from './format.js';
import { matchAnswers, parseAnswers } from './predictions-file.js';

const CLASSES = ['angry', 'happy'];

describe('parseAnswers', () => {
  it('takes the columns of an evaluation, in any order and with others between', () => {
    const text = 'p_happy,file,x,p_angry,predicted\n0.7,a.png,?,0.3,happy\n0.2,b.png,?,0.8,angry\n';
    expect(parseAnswers('log', text, CLASSES)).toEqual([
      { file: 'a.png', predicted: 1, probabilities: [0.3, 0.7] },
      { file: 'b.png', predicted: 0, probabilities: [0.8, 0.2] },
    ]);
  });

  it('does with answers alone and with probabilities alone', () => {
    expect(parseAnswers('log', 'file,predicted\na.png,happy\n', CLASSES)).toEqual([
      { file: 'a.png', predicted: 1, probabilities: undefined },
    ]);
    expect(parseAnswers('log', 'file,p_angry,p_happy\na.png,.9,.1\n', CLASSES)[0]?.predicted).toBe(0);
  });

  it.each([
    [
      '',
      'log: received the columns of an empty file, expected "file" and either "predicted" or one column per',
    ],
    ['file,p_angry\n', 'one column per class (missing: p_happy)'],
    ['predicted\nhappy\n', 'log: received the columns predicted, expected "file"'],
    ['file,predicted\n', 'log: received no rows, expected a row per picture.'],
    [
      'file,predicted\na,sad\n',
      `log, row 1: received the answer "sad", expected one of the model's classes (angry,`,
    ],
    ['file,predicted\na,\n', 'log, row 1: received no answer'],
    ['file,predicted\na,happy\na,happy\n', 'log: received "a" twice, expected one row per picture.'],
    [
      'file,p_angry,p_happy\na,1.5,0\n',
      'log, row 1: received "1.5" for angry, expected a probability between',
    ],
    ['file,p_angry,p_happy\na,x,0\n', 'log, row 1: received "x" for angry'],
    ['file,predicted\n,happy\n', 'log, row 1: received no file name'],
  ])('refuses %j', (text, message) => {
    expect(() => parseAnswers('log', text, CLASSES)).toThrow(message);
  });
});

describe('matchAnswers', () => {
  const answer = (file: string) => ({ file, predicted: 0, probabilities: undefined });
  const names = ['test/angry/1.png', 'test/happy/1.png', 'test/happy/2.png'];

  it('finds pictures by the longest ending of their path', () => {
    const log = ['/home/pi/fer/test/happy/2.png', 'test\\angry\\1.png', 'elsewhere.png'].map(answer);
    const { byImage, strangers } = matchAnswers('log', log, names);
    expect([...byImage.keys()]).toEqual([2, 0]);
    expect(strangers).toEqual(['elsewhere.png']);
  });

  it('refuses a log of other pictures, and two rows for one', () => {
    expect(() => matchAnswers('log', [answer('x.png')], names)).toThrow(
      'log: received files like "x.png", expected names of the pictures, like "test/angry/1.png"; give --data and ' +
        '--split of the pictures that the device was shown.',
    );
    const twice = ['a/test/happy/1.png', 'b/test/happy/1.png'].map(answer);
    expect(() => matchAnswers('log', twice, names)).toThrow('which are the same picture');
  });
});

describe('compareAnswers', () => {
  const shown = { files: ['a', 'b', 'c', 'd'], labels: [0, 0, 1, 1], classes: CLASSES };
  const rows = (...p: readonly number[]) => Float32Array.from(p.flatMap((happy) => [1 - happy, happy]));
  const float = { name: 'float', predicted: [0, 0, 1, 0], probabilities: rows(0.125, 0.25, 0.875, 0.375) };
  const device = { name: 'device', predicted: [0, 1, 1, 1], probabilities: rows(0.125, 0.75, 0.875, 0.625) };
  const found = compareAnswers(shown, [float, device]);

  it('counts rights, agreements and changes', () => {
    expect(found.models).toEqual([
      { name: 'float', accuracy: 0.75, macroAccuracy: 0.75, perClass: { angry: 1, happy: 0.5 } },
      { name: 'device', accuracy: 0.75, macroAccuracy: 0.75, perClass: { angry: 0.5, happy: 1 } },
    ]);
    expect(found.pairs).toEqual([
      {
        ...{ first: 'float', second: 'device', agreement: 0.5, onlyFirstRight: 1, onlySecondRight: 1 },
        ...{ mcnemar: { p: 1, method: 'exact' }, meanDifference: 0.1875, largestDifference: 0.5 },
        changes: [{ from: 'angry', to: 'happy', images: 2 }],
      },
    ]);
  });

  it('lists where they part, the surest first', () => {
    expect(found.parted.map(({ file, margin }) => [file, margin])).toEqual([
      ['b', 0.5],
      ['d', 0.25],
    ]);
    expect(found.parted[0]?.answers).toEqual({
      float: { class: 'angry', p: 0.75 },
      device: { class: 'happy', p: 0.75 },
    });
  });

  it('goes without probabilities and with a class that was not shown', () => {
    const bare = { ...device, predicted: [0, 0], probabilities: undefined };
    const some = compareAnswers({ files: ['a', 'b'], labels: [0, 0], classes: CLASSES }, [
      { ...float, predicted: [0, 1], probabilities: undefined },
      bare,
    ]);
    expect(some.models[0]?.perClass).toEqual({ angry: 0.5, happy: null });
    expect(some.pairs[0]).toMatchObject({ meanDifference: null, agreement: 0.5 });
    expect(some.parted).toMatchObject([{ file: 'b', margin: null }]);
    expect(formatAgreement(some)).toContain('float, device  50.00 %');
  });

  it('refuses parts that do not fit', () => {
    expect(() => compareAnswers(shown, [{ ...float, predicted: [0] }])).toThrow(
      'received 1 answers of float',
    );
    expect(() => compareAnswers({ ...shown, labels: [], files: [] }, [])).toThrow('received no pictures');
  });

  it('prints as a page that can be read', () => {
    expect(`\n${formatAgreement(found)}`).toMatchInlineSnapshot(`
      "
      4 pictures, the same answer of all on 2

              accuracy    macro     angry     happy
      float    75.00 %  75.00 %  100.00 %   50.00 %
      device   75.00 %  75.00 %   50.00 %  100.00 %

      pair             agree  only first right  only second right  mean |Δp|  largest  McNemar
      float, device  50.00 %                 1                  1     0.1875   0.5000  p = 1.0 (exact)

      float → device: angry → happy 2

      Where they part, the surest of float first (2 in all):
      picture  class  float       device
      b        angry  angry 0.75  happy 0.75
      d        happy  angry 0.63  happy 0.63
      "
    `);
  });
});
