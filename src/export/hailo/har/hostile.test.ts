import { describe, expect, it } from 'vitest';

import { InputError } from '../../../core/errors.js';
import { GRAPH, makeTar, tarEntry } from '../testing/make-har.js';
import { join } from '../testing/make-hef.js';
import { describeHar } from './describe.js';

const encoder = new TextEncoder();
const end = new Uint8Array(1024);
const graph = encoder.encode(JSON.stringify(GRAPH));

/** An entry whose header's fields are replaced, with its checksum made right again. */
function forged(fields: Readonly<Record<number, Uint8Array | string>>, content = graph): Uint8Array {
  const entry = tarEntry('net.hn', content);
  for (const [at, value] of Object.entries(fields)) {
    entry.set(typeof value === 'string' ? encoder.encode(value) : value, Number(at));
  }
  entry.set(encoder.encode('        '), 148);
  const sum = entry.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  entry.set(encoder.encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return entry;
}

const largest = Uint8Array.of(0x80, ...new Array<number>(11).fill(0xff));

describe('a hostile archive is refused in one sentence, at once', () => {
  it.each<[string, () => Uint8Array, string]>([
    [
      'a size beyond all numbers',
      () => join(forged({ 124: largest }), end),
      'x.har: received a tar header without a size, expected an undamaged archive.',
    ],
    [
      'a size of no number',
      () => join(forged({ 124: 'not a size! ' }), end),
      'x.har: received a tar header without a size, expected an undamaged archive.',
    ],
    [
      'a size of terabytes',
      () => join(forged({ 124: '77777777777\0' }), end),
      /^x\.har: received net\.hn cut off after \d+ of 8589934591 bytes, expected a complete archive\.$/
        .source,
    ],
    [
      'a pax size of terabytes',
      () =>
        join(tarEntry('pax', encoder.encode('22 size=9007199254740\n'), 'x'), tarEntry('net.hn', graph), end),
      'cut off after',
    ],
    [
      'a long name of megabytes',
      () => join(tarEntry('././@LongLink', new Uint8Array(2 ** 20 + 1), 'L'), end),
      'x.har: received a huge extension header, expected an undamaged archive.',
    ],
    [
      'more files than any model has',
      () => join(...new Array<Uint8Array>(10_002).fill(tarEntry('a', new Uint8Array())), end),
      'x.har: received too many files, expected at most 10000.',
    ],
    [
      'JSON that nests without end',
      () => makeTar([['net.hn', `{"layers":${'['.repeat(200_000)}`]]),
      'x.har, net.hn: received text that is no JSON',
    ],
  ])('%s', (_, make, message) => {
    const archive = make();
    const started = performance.now();
    const read = () => describeHar(archive, 'x.har');
    expect(read).toThrow(InputError);
    expect(read).toThrow(message.startsWith('^') ? new RegExp(message) : message);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('names that climb out of the folder are only names: nothing is unpacked', () => {
    const har = describeHar(makeTar([['../../etc/net.hn', graph]]), 'x.har');
    expect(har.files).toEqual([{ name: '../../etc/net.hn', bytes: graph.length }]);
  });

  it('layers that name each other in a circle are listed', () => {
    const circle = { layers: { a: { input: ['b'], output: ['b'] }, b: { input: ['a'], output: ['a'] } } };
    expect(describeHar(makeTar([['net.hn', JSON.stringify(circle)]])).layers).toHaveLength(2);
  });
});
