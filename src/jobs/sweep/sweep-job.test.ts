import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { writeDrawnFaces } from '../../data/draw/write.js';
import { openCsvLog, readCsvLog } from '../../train/log/csv-log.js';
import { runFolder } from '../run-folder.js';
import { parseSettings } from '../settings.js';
import { beginRun, epochOf } from '../testing/fake-run.js';
import { sweepJob, type SweepOptions } from './sweep-job.js';
import type { RunTrial } from './trial-process.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-sweep-'));
const file = join(folder, 'sweep.yaml');
const out = join(folder, 'out');
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => {
  await writeDrawnFaces({ out: join(folder, 'faces'), train: 7, test: 7 });
});
beforeEach(() => rmSync(out, { recursive: true, force: true }));

function write(text: string): void {
  const set = 'set: {stages.head.epochs: 1, stages.all.epochs: 3}\n';
  writeFileSync(file, `data: ${join(folder, 'faces')}\nrecipe: drawn\nweights: none\n${set}${text}`);
}

const GRID = 'parameters: {head.dropout: [0.1, 0.2, 0.3, 0.4]}\n';

/** Trainings that take no time: accuracy grows with the epochs and with the dropout. */
class Trainer {
  readonly started: string[] = [];
  /** Most trainings at the same time. */
  most = 0;
  private active = 0;

  constructor(private readonly hook: (name: string, epoch: number) => void = () => undefined) {}

  readonly run: RunTrial = async (training, hooks) => {
    const { root, results, args, checkpoint } = runFolder(training.out);
    const name = root.slice(-3);
    this.started.push(`${name}${training.resume === true ? ' resumed' : ''}${training.untilEpoch ?? ''}`);
    this.most = Math.max(this.most, ++this.active);
    try {
      if (training.settings !== undefined) beginRun(root, training.settings);
      const { recipe } = parseSettings(readFileSync(args, 'utf8'), args);
      const before = existsSync(results) ? readCsvLog(results).length : 0;
      const log = openCsvLog(results, { resumedEpoch: before });
      mkdirSync(dirname(checkpoint), { recursive: true });
      writeFileSync(checkpoint, '');
      for (let epoch = before + 1; epoch <= 4; epoch++) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        this.hook(name, epoch);
        if (hooks.shouldStop?.() === true) return false;
        const record = epochOf(epoch, {
          stage: epoch > 1 ? 2 : 1,
          valAccuracy: recipe.head.dropout! + epoch / 100,
        });
        log.append(record);
        hooks.onEvent?.({ kind: 'epoch', record, best: true });
        if (epoch === training.untilEpoch && epoch < 4) return false;
      }
      return true;
    } finally {
      this.active--;
    }
  };
}

function sweep(trainer: Trainer, options: Partial<SweepOptions> = {}, stop: () => boolean = () => false) {
  return sweepJob({ file, out, run: trainer.run, ...options }, { shouldStop: stop });
}

describe('sweepJob', () => {
  it('trains a grid, so many at a time, and ranks it', async () => {
    write(`workers: 2\n${GRID}`);
    const trainer = new Trainer();
    const { finished, result } = await sweep(trainer);
    expect([finished, trainer.most, trainer.started]).toEqual([true, 2, ['001', '002', '003', '004']]);
    expect(result.rows.map(({ values, mean, status }) => [values['head.dropout'], mean, status])).toEqual(
      [0.4, 0.3, 0.2, 0.1].map((dropout) => [
        dropout,
        expect.closeTo(dropout + 0.04, 6) as number,
        'finished',
      ]),
    );
    expect(readFileSync(join(out, 'sweep.md'), 'utf8')).toContain(
      '| 1 | 0.4400 | 0.4 | 4 | 40 s | finished | trial-004 |',
    );
    expect(JSON.parse(readFileSync(join(out, 'sweep.json'), 'utf8'))).toEqual(result);
    expect(readFileSync(join(out, 'sweep.png')).subarray(1, 4).toString()).toBe('PNG');
  });

  it('stops, keeps what is finished and goes on with the rest', async () => {
    write(GRID);
    let stopped = false;
    const first = new Trainer((name, epoch) => (stopped ||= name === '002' && epoch === 3));
    const before = await sweep(first, {}, () => stopped);
    expect([before.finished, first.started]).toEqual([false, ['001', '002']]);
    expect(before.result.rows.map(({ status }) => status)).toEqual([
      'finished',
      'unfinished',
      'unfinished',
      'unfinished',
    ]);
    const second = new Trainer();
    const after = await sweep(second);
    expect([after.finished, second.started]).toEqual([true, ['002 resumed', '003', '004']]);
    const third = new Trainer();
    expect((await sweep(third)).result).toEqual(after.result);
    expect(third.started).toEqual([]);
  });

  it('begins a trial anew that was killed before its first checkpoint', async () => {
    write(GRID);
    let killed = false;
    const first = new Trainer((name) => (killed ||= name === '002'));
    await sweep(first, {}, () => killed);
    rmSync(join(out, 'trial-002', 'checkpoint'), { recursive: true });
    const second = new Trainer();
    await sweep(second);
    expect(second.started).toEqual(['002', '003', '004']);
  });

  it('halves: the better half goes on where it was', async () => {
    write(
      `method: asha\ntrials: 4\nasha: {reduction: 2}\n${GRID.replace('[0.1, 0.2, 0.3, 0.4]', '{from: 0.1, to: 0.5}')}`,
    );
    const trainer = new Trainer();
    const { result } = await sweep(trainer);
    expect(result.rungs).toEqual([1, 2, 4]);
    expect(trainer.started.filter((start) => !start.includes('resumed'))).toHaveLength(4);
    const [best] = result.rows;
    const dropouts = result.rows.map(({ values }) => Number(values['head.dropout']));
    expect(best).toMatchObject({ status: 'finished', epochs: 4 });
    expect(dropouts[0]).toBe(Math.max(...dropouts));
    expect(result.rows.at(-1)).toMatchObject({ status: 'stopped early', epochs: 1 });
    const epochs = result.rows.reduce((sum, row) => sum + row.epochs, 0);
    expect(epochs).toBeLessThan(16);
  });

  it('divides among machines and puts their tables together', async () => {
    write(GRID);
    const [first, second] = [new Trainer(), new Trainer()];
    await sweep(first, { shard: { part: 1, of: 2 } });
    const { result } = await sweep(second, { shard: { part: 2, of: 2 } });
    expect([first.started, second.started]).toEqual([
      ['001', '003'],
      ['002', '004'],
    ]);
    expect(result.rows.every(({ status }) => status === 'finished')).toBe(true);
    const idle = new Trainer();
    expect((await sweep(idle, { report: true })).result).toEqual(result);
    expect(idle.started).toEqual([]);
  });

  it('goes on after a failure, and tries again when told to', async () => {
    write(GRID);
    const failing = new Trainer((name) => {
      if (name === '003') throw new Error('the loss is not finite');
    });
    const { result, finished } = await sweep(failing);
    expect(finished).toBe(true);
    expect(result.rows.at(-1)).toMatchObject({
      status: 'failed',
      mean: null,
      reason: 'the loss is not finite',
    });
    const [kept, again] = [new Trainer(), new Trainer()];
    await sweep(kept);
    expect(kept.started).toEqual([]);
    await sweep(again, { retry: true });
    expect(again.started).toEqual(['003 resumed']);
  });

  it('refuses the folder of another sweep, and a sweep of failures', async () => {
    write(GRID);
    await sweep(new Trainer());
    write(GRID.replace('0.4', '0.5'));
    await expect(sweep(new Trainer())).rejects.toThrow(
      `${join(out, 'state.json')}: received a sweep with another parameters, expected the state of this sweep; choose another`,
    );
    rmSync(out, { recursive: true });
    const broken = new Trainer(() => {
      throw new Error('no memory');
    });
    await expect(sweep(broken)).rejects.toThrow(
      `${out}: received trials that all failed, the first: no memory, expected at least one finished trial; put it right`,
    );
  });
});
