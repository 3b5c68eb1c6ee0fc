import { describe, expect, it } from 'vitest';

import { InputError } from '../../core/errors.js';
import { createRandom } from '../../core/random.js';
import { describeHar } from './har/describe.js';
import { formatHar } from './har/text.js';
import { describeHef } from './hef/describe.js';
import { formatHef } from './hef/text.js';
import { gzipped, harFiles, makeTar, weights } from './testing/make-har.js';
import { encode, makeHef, resealed, xxh3Of } from './testing/make-hef.js';
import { mutated, survive } from './testing/mutate.js';
import { SAMPLE } from './testing/sample.js';

const COUNT = 500;
/** Milliseconds for one small file; they take about one each, but this machine may be busy. */
const PATIENCE = 10_000;

const content = Uint8Array.from({ length: 40 }, (_, i) => i);
const resource = { name: 'x.json', offset: 0n, size: 40n, xxhash: xxh3Of(content) };
const protobuf = encode('Hef', { ...SAMPLE, external_resources: [resource] });
const hefs = ([0, 1, 2, 3] as const).map((version) => {
  const parts = { configuration: content, ...(version === 3 ? { padding: 7, additional: content } : {}) };
  return makeHef(version, version === 3 ? protobuf : encode('Hef', SAMPLE), parts);
});
const har = makeTar(
  harFiles('compiled_model', [
    ['net.q.npz', weights('|i1', 6)],
    ['net.alls', 'model_optimization_flavor(optimization_level=2)\n'],
    ['net.hef', hefs[2] ?? content],
  ]),
);

function* mutations(seed: number, make: (index: number) => Uint8Array): Generator<Uint8Array> {
  const random = createRandom(seed);
  for (let i = 0; i < COUNT; i++) yield mutated(make(i), random.fork(i));
}

const isClean = (error: unknown) =>
  error instanceof InputError && /^x\.(hef|har)[^\n]*\.$/.test(error.message);
const readHef = (file: Uint8Array) => formatHef(describeHef(file, 'x.hef'));
const readHar = (file: Uint8Array) => formatHar(describeHar(file, 'x.har'));

describe('500 mutated files are described or refused in a sentence', () => {
  it('HEF of every version, checksums as they come', () => {
    const outcome = survive(
      mutations(1, (i) => hefs[i % 4] ?? content),
      readHef,
      isClean,
    );
    expect(outcome.refused).toBeGreaterThan(480);
    expect(outcome.slowest).toBeLessThan(PATIENCE);
  });

  it('HEF with checksums made right again, so that the damage reaches the parsers', () => {
    const damaged = [...mutations(2, (i) => hefs[i % 4] ?? content)].map(resealed);
    const outcome = survive(damaged, readHef, isClean);
    // Neither all described nor all refused: both ways are taken.
    expect(outcome.described).toBeGreaterThan(50);
    expect(outcome.refused).toBeGreaterThan(50);
    expect(outcome.slowest).toBeLessThan(PATIENCE);
  });

  it('protobufs alone, sizes and checksums right', () => {
    const damaged = [...mutations(3, () => encode('Hef', SAMPLE))].map((bytes) => makeHef(2, bytes));
    const outcome = survive(damaged, readHef, isClean);
    expect(outcome.described).toBeGreaterThan(50);
    expect(outcome.refused).toBeGreaterThan(50);
    expect(outcome.slowest).toBeLessThan(PATIENCE);
  });

  it('HAR, plain and packed', () => {
    const packed = gzipped(har);
    const outcome = survive(
      mutations(4, (i) => (i % 4 === 3 ? packed : har)),
      readHar,
      isClean,
    );
    expect(outcome.described).toBeGreaterThan(50);
    expect(outcome.refused).toBeGreaterThan(50);
    expect(outcome.slowest).toBeLessThan(PATIENCE);
  });
});
