import { InputError } from '../../core/errors.js';
import type { Json } from '../../layers/json.js';
import { isJsonObject } from '../../layers/json.js';
import type { Model } from '../../models/model.js';
import { rescaleProgram } from './equalize.js';
import { gateSwishes } from './gate-swishes.js';
import { programOf, type QuantizedModel } from './quantize-model.js';
import { storedProgram, type Quantized } from './quantize-program.js';
import { isWeighted } from './quantized-program.js';
import { RANGE_METHODS, type RangeMethod } from './ranges.js';
import { splitWhere } from './split-swish.js';

const FORMAT = 'mien-int8';
const VERSION = 1;

/** What calibration found for one file of weights: enough to write it in eight bits without any picture. */
export interface CalibrationRecord {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  /** SHA-256 of the file of weights, hexadecimal. */
  readonly weights: string;
  /** The pictures that the ranges come from, in words. */
  readonly source: string;
  /** The repairs that were taken, in words. */
  readonly taken: string;
  /** Hard swishes that were split, by the value that goes in. */
  readonly split: readonly string[];
  /** By how much channels were divided, by value. */
  readonly divisors: Readonly<Record<string, readonly number[]>>;
  /** Range of each value, and how it was found. */
  readonly ranges: Readonly<Record<string, readonly [low: number, high: number, method: RangeMethod]>>;
  /** What bias correction added to stored biases, by step; steps without are as they were. */
  readonly biases: Readonly<Record<string, readonly number[]>>;
  /** Steps that stay in float32, with the reason. */
  readonly kept: Readonly<Record<string, string>>;
}

/**
 * Writes down how a model was quantized. {@link restoreQuantized} makes the same quantized program of it.
 *
 * @example calibrationRecord(await quantizeModel(model, options), { weights: sha256, source: '1,024 pictures of FER2013' });
 */
export function calibrationRecord(
  { quantized, taken, split, divisors }: QuantizedModel,
  about: Pick<CalibrationRecord, 'weights' | 'source'>,
): CalibrationRecord {
  const { program, kept, choices, weights } = quantized;
  const plain = storedProgram(program, kept, choices);
  const biases = [...weights].flatMap(([step, { bias }]) => {
    const added = Array.from(bias, (value, i) => value - (plain.weights.get(step)?.bias[i] ?? 0));
    return added.some((value) => value !== 0) ? [[step, added] as const] : [];
  });
  const ranges = [...choices].map(
    ([name, { range, method }]) => [name, [...range, method] as const] as const,
  );
  return {
    format: FORMAT,
    version: VERSION,
    ...about,
    taken,
    split,
    divisors,
    ranges: Object.fromEntries(ranges),
    biases: Object.fromEntries(biases),
    kept: Object.fromEntries(kept),
  };
}

/** The quantized program that a record was made of. @throws InputError where model and record do not fit */
export function restoreQuantized(model: Model, record: CalibrationRecord): Quantized {
  const { split, divisors, ranges, biases, kept } = record;
  const chosen = new Set(split);
  const gated = gateSwishes(splitWhere(programOf(model, 1), (x) => chosen.has(x)).program);
  const { program } = rescaleProgram(gated, divisors);
  const choices = new Map(
    Object.entries(ranges).map(
      ([name, [low, high, method]]) => [name, { range: [low, high], method }] as const,
    ),
  );
  const plain = storedProgram(program, new Map(Object.entries(kept)), choices);
  checkValues(plain);
  const weights = new Map(plain.weights);
  for (const [step, added] of Object.entries(biases)) {
    const stored = weights.get(step);
    if (stored !== undefined)
      weights.set(step, { ...stored, bias: stored.bias.map((value, i) => value + (added[i] ?? 0)) });
  }
  return { ...plain, weights };
}

function checkValues({ program, kept, choices }: Quantized): void {
  const missing = program.steps.find(
    (step) => isWeighted(step) && !kept.has(step.name) && !choices.has(step.output),
  );
  if (missing === undefined) return;
  throw new InputError({
    where: `8-bit ranges of "${program.name}"`,
    received: `none for "${missing.output}"`,
    expected: 'one for every layer',
  });
}

/** Reads a record's JSON. @throws InputError on a damaged or newer one */
export function readCalibrationRecord(where: string, json: Json): CalibrationRecord {
  const object = isJsonObject(json) ? json : {};
  const { format, version, weights, source, taken, split, divisors, ranges, biases, kept } = object;
  const whole =
    format === FORMAT &&
    version === VERSION &&
    [weights, source, taken].every((text) => typeof text === 'string') &&
    Array.isArray(split) &&
    [divisors, biases].every((map) => hasOnly(map, isNumbers)) &&
    hasOnly(ranges, isRange) &&
    hasOnly(kept, (value) => typeof value === 'string');
  if (whole) return object as unknown as CalibrationRecord;
  const received = `format ${JSON.stringify(format ?? null)}, version ${JSON.stringify(version ?? null)}`;
  throw new InputError({ where, received, expected: `a whole record of ${FORMAT} version ${VERSION}` });
}

function hasOnly(map: Json | undefined, fits: (value: Json) => boolean): boolean {
  return isJsonObject(map) && Object.values(map).every(fits);
}

function isNumbers(value: Json): boolean {
  return Array.isArray(value) && value.every((entry) => Number.isFinite(entry));
}

function isRange(value: Json): boolean {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [low, high, method] = value as readonly Json[];
  return isNumbers([low ?? null, high ?? null]) && RANGE_METHODS.some((name) => name === method);
}
