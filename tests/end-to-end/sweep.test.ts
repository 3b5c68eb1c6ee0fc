/** A sweep in child processes: Ctrl-C, going on, one table; and an audit's list that a training leaves out. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { SweepResult } from '../../src/evaluate/sweep/result.js';
import { CLASSES, drawData, mien, rowsOf, start, TINY, until, workshop, type Result } from './cli.js';

const { path: folder, remove } = workshop();
const cache = ['--cache-dir', join(folder, 'cache')];
const file = join(folder, 'sweep.yaml');
const out = join(folder, 'sweep');
let data: string;
beforeAll(async () => {
  data = await drawData(join(folder, 'faces'));
  const set = 'set: {inputSize: 32, batchSize: 8, stages.*.epochs: 2}';
  const what = `data: ${JSON.stringify(data)}\nclasses: [${CLASSES.join(', ')}]\nrecipe: drawn\nweights: none\n${set}\n`;
  writeFileSync(file, `${what}workers: 2\nparameters: {head.dropout: [0, 0.4]}\n`);
});
afterAll(remove);

describe('mien sweep', () => {
  let stopped: Result;
  let finished: Result;
  const state = () =>
    JSON.parse(readFileSync(join(out, 'state.json'), 'utf8')) as { trials: { status: string }[] };

  beforeAll(async () => {
    const running = start(['sweep', file, '--out', out, ...cache]);
    await until(running, () => running.stderr().includes('epoch 1 of 4'));
    running.child.kill('SIGINT');
    stopped = await running.result;
    finished = await mien('sweep', file, '--out', out, '--json', ...cache);
  }, 240_000);

  it.skipIf(process.platform === 'win32')('stops at Ctrl-C and saves what is under way', () => {
    expect(stopped.code, stopped.stderr).toBe(130);
    expect(stopped.stderr).toContain('Finishing the steps, then saving. Ctrl-C again quits at once.');
    expect(stopped.stderr.trimEnd().split('\n').at(-1)).toBe('Stopped and saved. The same command goes on.');
  });

  it('goes on to the end, and prints one JSON document', () => {
    expect(finished.code, finished.stderr).toBe(0);
    const document = JSON.parse(finished.stdout) as SweepResult & { finished: boolean };
    expect(document).toMatchObject({
      version: 1,
      finished: true,
      method: 'grid',
      metric: 'valAccuracy',
      drawn: true,
    });
    expect(document.rows.map(({ status, epochs, n }) => [status, epochs, n])).toEqual([
      ['finished', 4, 1],
      ['finished', 4, 1],
    ]);
    expect(Object.values(state().trials).map(({ status }) => status)).toEqual(['finished', 'finished']);
    for (const name of ['sweep.md', 'sweep.json', 'sweep.png'])
      expect(existsSync(join(out, name))).toBe(true);
  });

  it('does not look at the test part', () => {
    expect(existsSync(join(out, 'trial-001', 'evaluation', 'validation', 'report.json'))).toBe(true);
    expect(existsSync(join(out, 'trial-001', 'evaluation', 'report.json'))).toBe(false);
  });

  it('refuses a wrong file in one sentence', async () => {
    const wrong = join(folder, 'wrong.yaml');
    writeFileSync(wrong, 'data: nowhere\nparameters: {head.drop: [1]}\n');
    const { code, stderr } = await mien('sweep', wrong, '--out', join(folder, 'none'));
    expect(code).toBe(1);
    expect(stderr).toBe(
      'mien: --set head.drop=1: received the unknown field "drop", expected one of kind, dropout, l2.\n',
    );
    const usage = await mien('sweep', file, '--shard', '3/2');
    expect([usage.code, usage.stderr]).toEqual([
      2,
      expect.stringContaining('Not of the form i/n with i from 1 to n'),
    ]);
  });
});

describe('mien data audit and mien train --exclude', () => {
  it('writes a report and a list, which a fold leaves out', async () => {
    const list = join(folder, 'clean.txt');
    const audit = await mien(
      'data',
      'audit',
      data,
      '--out',
      join(folder, 'audit'),
      '--write-clean',
      list,
      ...cache,
    );
    expect(audit.code, audit.stderr).toBe(0);
    expect(readFileSync(join(folder, 'audit', 'audit.html'), 'utf8')).toMatch(/^<!doctype html>/);
    writeFileSync(list, 'train/angry/drawn_00001.png\tmine\ntrain/happy/drawn_00002.png\n');
    const run = join(folder, 'fold');
    const options = [
      '--data',
      data,
      ...TINY,
      '--epochs',
      '1,1',
      '--fold',
      '2/3',
      '--exclude',
      list,
      '--out',
      run,
    ];
    const train = await mien('train', ...options, ...cache);
    expect(train.code, train.stderr).toBe(0);
    expect(train.stderr).toMatch(/(38|39|40) images train, 20 validate/);
    expect(train.stderr).toContain(`2 images listed in ${list} do not train`);
    expect(readFileSync(join(run, 'args.yaml'), 'utf8')).toMatch(/fold:\n {4}part: 2\n {4}of: 3/);
    expect(rowsOf(run)).toHaveLength(3);
    const labels = await mien('data', 'audit', data, '--run', run, '--json', ...cache);
    expect(JSON.parse(labels.stdout)).toMatchObject({ labels: { runs: [run], covered: 20, of: 60 } });
  }, 240_000);

  it('refuses a list of other pictures before it makes a folder', async () => {
    const list = join(folder, 'other.txt');
    writeFileSync(list, 'train/angry/elsewhere.png\n');
    const run = join(folder, 'refused');
    const { code, stderr } = await mien(
      'train',
      '--data',
      data,
      ...TINY,
      '--exclude',
      list,
      '--out',
      run,
      ...cache,
    );
    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      `mien: ${list}: received "train/angry/elsewhere.png", which is not among the training pictures, expected names below ` +
        'the data root like "train/angry/drawn_00001.png"; write the list anew with "mien data audit --write-clean" on this data.',
    );
    expect(existsSync(run)).toBe(false);
    const folds = await mien('train', '--data', data, ...TINY, '--fold', '4', ...cache);
    expect([folds.code, folds.stderr]).toEqual([
      2,
      expect.stringContaining('Not of the form i/n with i from 1 to n, e.g. 1/5.'),
    ]);
  });
});
