import { InputError, messageOf } from '../../core/errors.js';
import type { Preprocessing } from '../../core/preprocessing.js';
import { isJsonObject, type Json, type JsonObject } from '../../layers/json.js';
import type { Calibration, Model } from '../../models/model.js';

/** What rides along in an archive beside what Keras knows. */
export type MienRecord = Pick<Model, 'preprocessing' | 'classes' | 'origin' | 'calibration'>;

const FORMAT = 'mien-model';
const VERSION = 1;

/** Text of `mien.json`. */
export function writeMienRecord({ preprocessing, classes, origin, calibration }: MienRecord): string {
  const record = {
    format: FORMAT,
    version: VERSION,
    ...(preprocessing === undefined ? {} : { preprocessing }),
    ...(classes === undefined ? {} : { classes }),
    ...(calibration === undefined ? {} : { calibration }),
    origin,
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** Reads `mien.json`; an archive without one says nothing. @throws InputError on a malformed or newer one */
export function readMienRecord(where: string, text: string | undefined): MienRecord {
  if (text === undefined) return { preprocessing: undefined, classes: undefined, origin: {} };
  const json = parseJson(`${where} mien.json`, text);
  const { format, version, preprocessing, classes, origin, calibration } = isJsonObject(json) ? json : {};
  if (format !== FORMAT || version !== VERSION) {
    const received = `format ${JSON.stringify(format ?? null)}, version ${JSON.stringify(version ?? null)}`;
    const remedy = 'a newer Mien may read it';
    throw new InputError({
      where: `${where} mien.json`,
      received,
      expected: `${FORMAT} version ${VERSION}`,
      remedy,
    });
  }
  return {
    preprocessing: preprocessing === undefined ? undefined : readPreprocessing(where, preprocessing),
    classes: classes === undefined ? undefined : readClasses(where, classes),
    origin: isJsonObject(origin) ? origin : {},
    ...(calibration === undefined ? {} : { calibration: readCalibration(where, calibration) }),
  };
}

function readCalibration(where: string, json: Json): Calibration {
  const temperature = isJsonObject(json) ? json['temperature'] : undefined;
  if (typeof temperature === 'number' && temperature > 0 && temperature <= 1000) return { temperature };
  throw new InputError({
    where: `${where} mien.json`,
    received: `calibration = ${JSON.stringify(json)}`,
    expected: 'a positive temperature',
  });
}

/** Parses JSON. @throws InputError in one sentence */
export function parseJson(where: string, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new InputError({ where, received: `"${messageOf(error)}"`, expected: 'JSON' }, { cause: error });
  }
}

/** Checks a preprocessing record field by field. @throws InputError naming the field */
export function readPreprocessing(where: string, json: Json): Preprocessing {
  const record = isJsonObject(json) ? json : {};
  for (const [field, fits] of Object.entries(FIELDS)) {
    const value = record[field];
    if (value === undefined || !fits(value, record)) {
      const received = `${field} = ${JSON.stringify(value ?? null)}`;
      throw new InputError({
        where: `${where} preprocessing`,
        received,
        expected: 'a valid record, version 1',
      });
    }
  }
  return record as unknown as Preprocessing;
}

type Check = (value: Json, record: JsonObject) => boolean;

const FIELDS: Readonly<Record<keyof Preprocessing, Check>> = {
  version: (value) => value === 1,
  sourceSize: isSize,
  inputSize: isSize,
  channels: (value) => value === 1 || value === 3,
  colour: (value) => value === 'grey' || value === 'rgb',
  interpolation: (value) => ['bicubic', 'bilinear', 'nearest'].some((name) => name === value),
  antialias: (value) => typeof value === 'boolean',
  scale: isFiniteNumber,
  mean: (value, { channels }) => isNumbers(value) && value.length === channels,
  std: (value, { channels }) => isNumbers(value) && value.length === channels && value.every((v) => v > 0),
  cropMargin: isFiniteNumber,
};

function readClasses(where: string, json: Json): readonly string[] {
  const names = Array.isArray(json) ? (json as readonly Json[]) : [];
  if (names.length > 0 && names.every((name) => typeof name === 'string')) return names;
  throw new InputError({
    where: `${where} mien.json`,
    received: 'malformed classes',
    expected: 'a list of names',
  });
}

function isSize(value: Json): boolean {
  return isNumbers(value) && value.length === 2 && value.every((side) => Number.isInteger(side) && side >= 1);
}

function isNumbers(value: Json): value is readonly number[] {
  return Array.isArray(value) && value.every(isFiniteNumber);
}

function isFiniteNumber(value: Json): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
