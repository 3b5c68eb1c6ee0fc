import { describe, expect, it } from 'vitest';

import { createProgress, formatDuration, formatProgress, type ProgressState } from './progress.js';

const state: ProgressState = {
  stage: 1,
  epoch: 3,
  epochs: 25,
  step: 61,
  steps: 123,
  imagesPerSecond: 812.4,
  secondsLeft: 32,
  loss: 0.81234,
  accuracy: 0.7119,
};
const huge: ProgressState = {
  stage: 12,
  epoch: 1500,
  epochs: 1500,
  step: 123456,
  steps: 123456,
  imagesPerSecond: 1234567,
  secondsLeft: 360000,
  loss: 1234567,
  accuracy: 1,
};

describe('formatProgress', () => {
  it('shows everything in one line', () => {
    expect(formatProgress(state)).toBe(
      'stage 1  epoch  3/25  [========>           ]   61/123  812 img/s  0:32 left  loss 0.8123  acc 0.712',
    );
  });

  it.each([
    [
      'nothing known',
      { ...state, step: 0, secondsLeft: null, loss: null, accuracy: null, imagesPerSecond: 0 },
    ],
    ['huge numbers', huge],
    ['a loss that is not a number', { ...state, loss: NaN }],
    ['no steps', { ...state, step: 0, steps: 0 }],
    ['more steps than planned', { ...state, step: 500 }],
  ])('keeps within 100 columns of ASCII with %s', (_, one) => {
    const line = formatProgress(one);
    expect(line).toMatch(/^[ -~]{60,100}$/);
    expect(line).toMatch(/ acc (-|\d\.\d{3})$/);
  });

  it('says what teachers cost', () => {
    expect(formatProgress({ ...state, teacherMilliseconds: 41.6 })).toMatch(
      / {2}acc 0\.712 {2}teacher 42 ms$/,
    );
  });

  it('gives up the bar first on a narrow terminal, then the end of the line', () => {
    expect(formatProgress(state, 80)).toBe(
      'stage 1  epoch  3/25   61/123  812 img/s  0:32 left  loss 0.8123  acc 0.712',
    );
    expect(formatProgress(state, 20)).toBe('stage 1  epoch  3/25');
  });

  it('fills the bar at the end only', () => {
    expect(formatProgress({ ...state, step: 122 })).toContain('>');
    expect(formatProgress({ ...state, step: 123 })).toMatch(/\[=+\]/);
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0:00'],
    [59.6, '1:00'],
    [3599, '59:59'],
    [36061, '10:01:01'],
    [null, '-:--'],
    [Infinity, '-:--'],
  ])('of %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

function recorded(tty: boolean, columns = 120) {
  const clock = { time: 1000 };
  const written: string[] = [];
  const stream = { isTTY: tty, columns, write: (text: string) => written.push(text) };
  return { clock, written, progress: createProgress(stream, () => clock.time) };
}

describe('createProgress', () => {
  it('overwrites the line on a terminal, ten times a second at most', () => {
    const { clock, written, progress } = recorded(true);
    progress.update(state);
    progress.update({ ...state, step: 62 });
    clock.time += 100;
    progress.update({ ...state, step: 63, loss: null });
    expect(written).toHaveLength(2);
    expect(written.every((text) => text.startsWith('\r') && !text.includes('\n'))).toBe(true);
    // A shorter line must cover the longer one.
    expect(written[1]!.length).toBeGreaterThanOrEqual(written[0]!.length);
  });

  it('prints a line above and shows the last state on closing', () => {
    const { written, progress } = recorded(true);
    progress.update(state);
    progress.print('epoch 3 done');
    progress.update({ ...state, step: 123 });
    progress.close();
    progress.close();
    expect(written[1]).toMatch(/^\repoch 3 done +\n$/);
    expect(written[2]).toContain('123/123');
    expect(written.slice(3)).toEqual(['\n']);
  });

  it('never fills the last column of a terminal', () => {
    const { written, progress } = recorded(true, 60);
    progress.update(state);
    expect(written[0]!.length - 1).toBeLessThan(60);
  });

  it('writes whole lines elsewhere, one in five seconds at most', () => {
    const { clock, written, progress } = recorded(false);
    for (let second = 0; second <= 10; second++) {
      progress.update(state);
      clock.time += 1000;
    }
    progress.print('done');
    progress.close();
    const line = `${formatProgress(state)}\n`;
    expect(written).toEqual([line, line, line, 'done\n']);
  });
});
