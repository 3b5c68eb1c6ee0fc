import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openCsvLog, readCsvLog, type EpochRecord } from './csv-log.js';

const header =
  'epoch,stage,loss,accuracy,macroAccuracy,valLoss,valAccuracy,valMacroAccuracy,lr,seconds,imagesPerSecond';

function record(epoch: number, change: Partial<EpochRecord> = {}): EpochRecord {
  return {
    epoch,
    stage: 1,
    loss: 1 / epoch,
    accuracy: 0.5,
    macroAccuracy: 0.25,
    valLoss: 1.5,
    valAccuracy: 0.75,
    valMacroAccuracy: 0.7,
    lr: 1e-7,
    seconds: 12.5,
    imagesPerSecond: 800,
    ...change,
  };
}

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mien-csv-'));
  path = join(folder, 'results.csv');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function logged(...records: EpochRecord[]): void {
  const log = openCsvLog(path);
  records.forEach((one) => log.append(one));
}

describe('openCsvLog', () => {
  it('writes a header and a row per epoch, each at once', () => {
    const log = openCsvLog(path);
    expect(readFileSync(path, 'utf8')).toBe(`${header}\n`);
    log.append(record(3, { valLoss: null, valAccuracy: null, valMacroAccuracy: null }));
    expect(readFileSync(path, 'utf8')).toBe(`${header}\n3,1,0.3333333,0.5,0.25,,,,1e-7,12.5,800\n`);
  });

  it('goes on after the resumed epoch, dropping later rows and a torn one', () => {
    logged(record(1), record(2), record(3));
    const undisturbed = readFileSync(path, 'utf8');
    appendFileSync(path, '4,1,0.2');
    const log = openCsvLog(path, { resumedEpoch: 2 });
    expect(readCsvLog(path).map(({ epoch }) => epoch)).toEqual([1, 2]);
    log.append(record(3));
    expect(readFileSync(path, 'utf8')).toBe(undisturbed);
  });

  it('starts afresh when the run does not resume', () => {
    logged(record(1));
    openCsvLog(path);
    expect(readFileSync(path, 'utf8')).toBe(`${header}\n`);
  });

  it('starts a table when a resumed run has lost its own', () => {
    openCsvLog(path, { resumedEpoch: 5 });
    expect(readFileSync(path, 'utf8')).toBe(`${header}\n`);
  });

  it('refuses a foreign table and leaves it alone', () => {
    writeFileSync(path, 'a,b\n1,2\n');
    expect(() => openCsvLog(path, { resumedEpoch: 1 })).toThrow(
      `${path}: received the first line "a,b", expected "${header}"; ` +
        'move the file away or choose another run folder.',
    );
    expect(readFileSync(path, 'utf8')).toBe('a,b\n1,2\n');
  });

  it('says when a row cannot be written', () => {
    const log = openCsvLog(path);
    rmSync(folder, { recursive: true });
    expect(() => log.append(record(1))).toThrow(
      /results\.csv: received "ENOENT.*" while writing, expected a writ/,
    );
  });
});

describe('readCsvLog', () => {
  it('reads back what was logged, NaN and missing values included', () => {
    const rows = [record(1), record(2, { stage: 2, loss: NaN, accuracy: null, valLoss: Infinity })];
    logged(...rows);
    expect(readCsvLog(path)).toEqual(rows);
  });

  it('names a broken row', () => {
    writeFileSync(path, `${header}\n1,2,x\n`);
    expect(() => readCsvLog(path)).toThrow(`${path} line 2: received "1,2,x", expected 11 numbers.`);
  });

  it('names a missing file', () => {
    expect(() => readCsvLog(path)).toThrow(
      `${path}: received no readable file, expected the results.csv of a run.`,
    );
  });
});
