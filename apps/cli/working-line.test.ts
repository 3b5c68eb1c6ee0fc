import { describe, expect, it } from 'vitest';

import { WorkingLine } from './working-line.js';

function stream(isTTY: boolean) {
  const written: string[] = [];
  return { written, isTTY, write: (text: string) => written.push(text) };
}

describe('WorkingLine', () => {
  it('overwrites one line on a terminal and wipes it', () => {
    const out = stream(true);
    let time = 0;
    const line = new WorkingLine(out, () => time);
    line.update('reading', 1, 10);
    line.update('reading', 2, 10);
    time = 150;
    line.update('reading', 3, 10);
    line.close();
    line.close();
    expect(out.written).toEqual(['\rreading 1/10', '\rreading 3/10', `\r${' '.repeat(12)}\r`]);
  });

  it('says nothing in a log about what is quick, for each kind of work', () => {
    const out = stream(false);
    let time = 0;
    const line = new WorkingLine(out, () => time);
    line.update('reading', 1, 10);
    time = 4000;
    line.update('reading', 10, 10);
    time = 9000;
    line.update('evaluating', 1, 10);
    time = 14_500;
    line.update('evaluating', 2, 10);
    line.close();
    expect(out.written).toEqual(['evaluating 2/10\n']);
  });
});
