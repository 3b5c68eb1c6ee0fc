/** What a person reads when something is wrong: one sentence, and the right exit code. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { findRecord } from '../../src/models/weights/records.js';
import { CLASSES, drawData, mien, start, TINY, until, workshop, type Result } from './cli.js';

const { path: folder, remove } = workshop();
const at = (...parts: string[]) => join(folder, ...parts);
const cache = ['--cache-dir', at('cache')];
let data: string;

beforeAll(async () => {
  data = await drawData(at('faces'));
});
afterAll(remove);

/** The sentence on stderr; what was noted before it does not count. */
function sentence({ stderr }: Result): string {
  const lines = stderr.trimEnd().split('\n');
  const said = lines.filter((line) => line.startsWith('mien: '));
  expect(said, stderr).toHaveLength(1);
  expect(stderr).not.toContain('    at ');
  return lines.at(-1) ?? '';
}

function train(...args: string[]): Promise<Result> {
  return mien('train', ...TINY, ...cache, ...args);
}

/** A copy of the data to spoil. */
function spoiled(name: string): string {
  const root = at(name);
  cpSync(data, root, { recursive: true });
  return root;
}

describe('usage (exit code 2)', () => {
  it.each([
    [['train', '--bogus'], "mien: unknown option '--bogus'"],
    [['bogus'], "mien: unknown command 'bogus'"],
    [['predict'], "mien: missing required argument 'paths'"],
    [['train', '--epochs', 'many'], "mien: option '--epochs <n>' argument 'many' is invalid. Not a number."],
    [
      ['evaluate', '--split', 'dev'],
      "mien: option '--split <split>' argument 'dev' is invalid. Allowed choices are test, validation, train.",
    ],
    [
      ['train'],
      'mien: train: received no --data, expected a data folder or a CSV file; give --data PATH, or --resume RUN to go on with a run.',
    ],
    [
      ['train', '--resume', 'x', '--seed', '3'],
      "mien: --resume: received --seed beside it, expected no other setting, for the run's args.yaml has them all; leave it out, or train anew with --settings.",
    ],
    [
      ['train', '--data', 'x', '--epochs', '1,2,3'],
      'mien: --epochs: received 3 numbers, expected one, or 1: recipe "default" has 1 stage.',
    ],
  ])('%j', async (args, text) => {
    const { code, stderr, stdout } = await mien(...args);
    expect(stderr.trimEnd()).toBe(text);
    expect(code).toBe(2);
    expect(stdout).toBe('');
  });
});

describe('settings', () => {
  it.each([
    ['bogus=1', '--set bogus=1: received the unknown field "bogus", expected one of name, batchSize, '],
    [
      'stages.3.ema=0.9',
      '--set stages.3.ema=0.9: received "3", expected a number from 1 to 2, a name (head, all) or *.',
    ],
    ['batchSize=many', 'recipe.batchSize: received "many", expected a whole number of at least 1.'],
    [
      'stages.all.loss={name: focal}',
      'recipe.stages.2.loss.gamma: received nothing, expected a number of at least 0.',
    ],
  ])('--set %s', async (assignment, text) => {
    const result = await train('--data', data, '--set', assignment);
    expect(sentence(result)).toContain(text);
    expect(result.code).toBe(1);
  });
});

describe('data (exit code 1)', () => {
  it('names a missing folder', async () => {
    const result = await train('--data', at('nowhere'));
    expect(sentence(result)).toBe(
      `mien: ${at('nowhere')}: received no such folder, expected a data folder; give the folder that holds train/ and test/.`,
    );
    expect(result.code).toBe(1);
  });

  it('names a class without a folder, and lists those there are', async () => {
    const result = await train('--data', data, '--classes', 'fear');
    expect(sentence(result)).toBe(
      `mien: ${join(data, 'train')}: received no folder for "fear" (there: angry, happy, surprise), expected one folder per class; choose among the classes that are there.`,
    );
    expect(result.code).toBe(1);
  });

  it('names an empty class', async () => {
    const root = spoiled('empty-class');
    rmSync(join(root, 'train', 'happy'), { recursive: true });
    mkdirSync(join(root, 'train', 'happy'));
    const result = await train('--data', root);
    expect(sentence(result)).toBe(
      `mien: ${join(root, 'train', 'happy')}: received no picture, expected at least one file of type png, jpg, jpeg, bmp, webp; add pictures or leave the class out.`,
    );
    expect(result.code).toBe(1);
  });

  it('names a corrupt JPEG', async () => {
    const root = spoiled('corrupt');
    const { default: sharp } = await import('sharp');
    const file = join(root, 'train', 'happy', 'photo.jpg');
    const whole = await sharp(join(root, 'train', 'happy', 'drawn_00001.png'))
      .jpeg()
      .toBuffer();
    writeFileSync(file, whole.subarray(0, whole.length / 2));
    const result = await train('--data', root);
    expect(sentence(result)).toContain(`mien: ${file}: received bytes that do not decode (`);
    expect(sentence(result)).toContain(
      'expected a readable JPEG, PNG, WebP or BMP picture; replace or remove the file.',
    );
    expect(result.code).toBe(1);
  });

  it('names a file of 0 bytes', async () => {
    const root = spoiled('zero');
    const file = join(root, 'train', 'happy', 'drawn_00002.png');
    truncateSync(file, 0);
    const result = await train('--data', root);
    expect(sentence(result)).toBe(
      `mien: ${file}: received an empty file (0 bytes), expected a readable JPEG, PNG, WebP or BMP picture; replace or remove the file.`,
    );
    expect(result.code).toBe(1);
  });
});

describe('weights and models (exit code 1)', () => {
  it('refuses truncated pretrained weights', async () => {
    const file = join(at('weights'), findRecord('mobileNetV3Small', 'torchvision').fileName);
    mkdirSync(at('weights'));
    writeFileSync(file, new Uint8Array(1000));
    const result = await train('--data', data, '--weights', 'torchvision', '--weights-dir', at('weights'));
    expect(sentence(result)).toContain(
      `mien: ${file}: received 1000 bytes with sha256 541b3e9daa09…, expected 9e663c12a118…`,
    );
    expect(sentence(result)).toContain('the file is truncated or changed: delete it and get it again.');
    expect(result.code).toBe(1);
  });

  it('says where it looked for weights that are not there', async () => {
    const result = await train('--data', data, '--weights', 'torchvision', '--weights-dir', at('faces'));
    expect(sentence(result)).toContain(`received no such file in ${at('faces')} or `);
    expect(result.code).toBe(1);
  });

  it('refuses a model that is missing or no archive', async () => {
    const missing = await mien('predict', '--model', at('none.keras'), data);
    expect(sentence(missing)).toBe(
      `mien: --model: received "${at('none.keras')}", expected a .keras or .h5 file, a run folder, or a shipped model (mien); check the path.`,
    );
    writeFileSync(at('bad.keras'), 'PK no archive');
    const damaged = await mien('predict', '--model', at('bad.keras'), data);
    expect(sentence(damaged)).toContain(`mien: ${at('bad.keras')}: received `);
    expect([missing.code, damaged.code]).toEqual([1, 1]);
  });
});

describe('a training that goes wrong (exit code 1)', () => {
  it('stops when the loss is not finite', async () => {
    const result = await train('--data', data, '--lr', '1e30', '--out', at('nan'));
    expect(sentence(result)).toMatch(
      /^mien: stage "(head|all)", epoch \d, step \d: received a loss of (NaN|Infinity), expected a finite loss; lower the learning rate; the best weights so far are kept\.$/,
    );
    expect(result.code).toBe(1);
  }, 180_000);

  it('refuses a run folder that cannot be made', async () => {
    writeFileSync(at('file'), '');
    for (const out of [at('file'), at('file', 'run')]) {
      const result = await train('--data', data, '--out', out);
      expect(sentence(result)).toMatch(/^mien: --out: received "E(EXIST|NOTDIR): .*" while making /);
      expect(sentence(result)).toMatch(/expected a folder that can be written\.$/);
      expect(result.code).toBe(1);
    }
  });

  it('refuses a folder that holds something, and writes nothing into it', async () => {
    mkdirSync(at('full'));
    writeFileSync(at('full', 'thesis.txt'), 'mine');
    const result = await train('--data', data, '--out', at('full'));
    expect(sentence(result)).toBe(
      `mien: --out: received the folder ${at('full')}, which is not empty, expected a new or empty folder; go on with "mien train --resume ${at('full')}" or choose another name.`,
    );
    expect(readdirSync(at('full'))).toEqual(['thesis.txt']);
    expect(result.code).toBe(1);
  });

  it('says that the disk is full', async (context) => {
    const disk = at('disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'pipe' });
    } catch (error) {
      if (process.env['CI'] === 'true') throw error;
      context.skip('a small disk cannot be mounted here (needs Linux and root)');
    }
    try {
      const result = await train('--data', data, '--epochs', '1', '--out', join(disk, 'run'));
      expect(sentence(result)).toContain(`mien: ${join(disk, 'run')}`);
      expect(sentence(result)).toContain('received "ENOSPC: no space left on device, write" while writing');
      expect(sentence(result)).toContain('free some space or choose another folder.');
      expect(result.code).toBe(1);
    } finally {
      execFileSync('umount', [disk]);
    }
  }, 180_000);
});

describe('--resume (exit code 1)', () => {
  it('refuses a folder that is no run', async () => {
    const none = await mien('train', '--resume', at('nowhere'));
    expect(sentence(none)).toBe(
      `mien: --resume: received no folder ${at('nowhere')}, expected the folder of a training run; name a folder that "mien train" made.`,
    );
    const foreign = await mien('train', '--resume', data);
    expect(sentence(foreign)).toBe(
      `mien: --resume: received the folder ${data} without args.yaml, expected the folder of a training run; name a folder that "mien train" made.`,
    );
    expect([none.code, foreign.code]).toEqual([1, 1]);
  });

  it('refuses a checkpoint of other settings, and classes that do not fit the model', async () => {
    const out = at('run');
    const running = start(['train', '--data', data, ...TINY, ...cache, '--epochs', '1', '--out', out]);
    await until(running, () => running.stderr().includes('stage 1  epoch'));
    const ended = await running.result;
    expect(ended.code, ended.stderr).toBe(0);
    const strange = await mien('evaluate', '--model', out, '--classes', 'happy,fear', ...cache);
    expect(sentence(strange)).toBe(
      `mien: --classes: received "fear", expected classes of the model (${CLASSES.join(', ')}).`,
    );
    const part = spoiled('two-classes');
    rmSync(join(part, 'test', 'angry'), { recursive: true });
    const fewer = await mien('evaluate', '--model', out, '--data', part, ...cache);
    expect(sentence(fewer)).toContain(
      'received no folder for "angry" (there: happy, surprise), expected one folder per class',
    );
    const args = readFileSync(join(out, 'args.yaml'), 'utf8');
    writeFileSync(join(out, 'args.yaml'), args.replace('seed: 42', 'seed: 43'));
    const foreign = await mien('train', '--resume', out, ...cache);
    expect(sentence(foreign)).toContain(
      'received a checkpoint of a run with other settings, data or version, expected the checkpoint of this very run',
    );
    const truncated = join(out, 'weights', 'last.keras');
    truncateSync(truncated, 100_000);
    const damaged = await mien('predict', '--model', truncated, data);
    expect(sentence(damaged)).toContain(`mien: ${truncated}: received `);
    expect([strange, fewer, foreign, damaged].map(({ code }) => code)).toEqual([1, 1, 1, 1]);
  }, 180_000);
});
