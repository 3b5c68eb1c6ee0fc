import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';

import { InputError } from '../../../core/errors.js';
import { encode, join, makeHef } from '../testing/make-hef.js';
import { SAMPLE } from '../testing/sample.js';
import { describeHef } from './describe.js';

const protobuf = encode('Hef', SAMPLE);

function messageFor(hef: Uint8Array): string {
  try {
    describeHef(hef, 'x.hef');
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
  return 'no error';
}

/** A file with right checksums around any bytes in place of the protobuf. */
function around(bytes: Uint8Array | readonly number[]): Uint8Array {
  return makeHef(2, Uint8Array.from(bytes));
}

function patched(hef: Uint8Array, at: number, value: number): Uint8Array {
  const copy = hef.slice();
  new DataView(copy.buffer).setUint32(at, value);
  return copy;
}

describe('a file that is no HEF, or not whole', () => {
  const whole = makeHef(2, protobuf);

  it.each([
    [
      'empty',
      new Uint8Array(),
      'x.hef: received an empty file, expected a HEF, whose first bytes are 01 48 45 46.',
    ],
    [
      'a zip file',
      Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0),
      'x.hef: received a file that does not start like one (50 4b 03 04), expected a HEF, whose first bytes are 01 48 45 46.',
    ],
    [
      'seven bytes',
      whole.subarray(0, 7),
      'x.hef: received a HEF of 7 bytes, expected the 12 bytes that begin every HEF; copy it again.',
    ],
    [
      'half a header',
      whole.subarray(0, 30),
      'x.hef: received a HEF of 30 bytes, expected the 44 bytes of a version 2 header; copy it again.',
    ],
    [
      'cut off',
      whole.subarray(0, 100),
      `x.hef: received a file of 100 bytes, expected the ${whole.length} bytes that its header promises; ` +
        'the file is truncated or its header is damaged: copy it again.',
    ],
    [
      'too long',
      join(whole, Uint8Array.of(0)),
      `x.hef: received a file of ${whole.length + 1} bytes, expected the ${whole.length} bytes that its header promises; ` +
        'the file is longer than it should be or its header is damaged: copy it again.',
    ],
    [
      'version 4',
      patched(whole, 4, 4),
      'x.hef: received HEF version 4, expected one that the public sources define: 0, 1, 2 or 3; ' +
        'a newer Mien may know it, or the file is damaged.',
    ],
  ])('%s', (_, hef, message) => {
    expect(messageFor(hef)).toBe(message);
  });

  it.each([0, 1, 2, 3] as const)('with a byte changed, version %i: names both checksums', (version) => {
    const hef = makeHef(version, protobuf);
    const good = describeHef(hef).checksums[0];
    hef[hef.length - 1]! ^= 0x10;
    expect(messageFor(hef)).toMatch(
      new RegExp(
        `^x\\.hef: received content with the ${good?.algorithm ?? ''} checksum [0-9a-f]+, ` +
          `expected ${good?.expected ?? ''}, as the file itself states; the file is damaged: copy or compile it again\\.$`,
      ),
    );
  });

  it('version 3 with a wrong checksum of the protobuf', () => {
    const hef = makeHef(3, protobuf, { protobufChecksum: true });
    expect(messageFor(patched(hef, 44, 1))).toMatch(/^x\.hef: received protobuf with the XXH3-64 checksum /);
  });

  it('promising more than any file has', () => {
    expect(messageFor(patched(whole, 8, 0xffffffff))).toContain(`expected the ${0xffffffff + 44} bytes`);
    expect(messageFor(patched(whole, 20, 0xffffffff))).toContain(
      'the file is truncated or its header is damaged',
    );
    const three = makeHef(3, protobuf, { padding: 8 });
    expect(messageFor(patched(three, 28, 9))).toBe(
      'x.hef: received 9 bytes of padding inside 8 bytes, expected padding no longer than the section that counts it.',
    );
  });

  it('with a protobuf beyond all measure, before anything of it is read', () => {
    const size = 257 * 2 ** 20;
    const header = patched(makeHef(3, protobuf, { protobufChecksum: true }).subarray(0, 56), 8, size);
    const source = {
      size: size + 56,
      read: (offset: number, length: number) => {
        if (offset + length > 56) throw new Error('read too far');
        return header.subarray(offset, offset + length);
      },
    };
    expect(() => describeHef(source, 'x.hef')).toThrow(
      'x.hef: received a protobuf of 269484032 bytes, expected at most 268435456 bytes.',
    );
  });
});

describe('a damaged protobuf behind right checksums', () => {
  it.each([
    ['a length beyond the end', [0x0a, 0x7f, 1]],
    ['a length of 4 GB', [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ['a tag cut off', [0x80]],
    ['a varint cut off', [0x98, 0x06, 0xff, 0xff]],
    ['a varint of eleven bytes', [0x98, 0x06, ...new Array<number>(10).fill(0xff), 1]],
    ['a fixed number cut off', [0x9d, 0x06, 1, 2]],
    ['field number 0', [0x00, 1]],
    ['wire type 7', [0x0f, 1]],
    ['an end without a group', [0x9c, 0x06]],
    ['a group without an end', [0x9b, 0x06, 8, 1]],
    ['text that is no UTF-8', [0x0a, 3, 0x1a, 1, 0xff]],
    ['packed numbers cut off', [0x12, 6, 0x1a, 4, 0x1a, 2, 0x12, 9]],
  ])('%s', (_, bytes) => {
    expect(messageFor(around(bytes))).toMatch(
      /^x\.hef: received a protobuf that cannot be read \(.+\), expected an undamaged HEF; copy or compile it again\.$/,
    );
  });

  it('of packed floats that do not come out even', () => {
    const numeric = new BinaryWriter().tag(5, WireType.LengthDelimited).bytes(new Uint8Array(9)).finish();
    const around3 = [3, 3, 2, 3, 3, 2];
    const nested = around3.reduce<Uint8Array>(
      (inner, number) => new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(inner).finish(),
      numeric,
    );
    expect(messageFor(around(nested))).toContain('(9 bytes of packed double numbers)');
  });

  it('with groups nested a thousand deep', () => {
    const open = Array.from({ length: 1000 }, () => [0x9b, 0x06]).flat();
    expect(messageFor(around(open))).toContain('(maximum recursion depth reached)');
  });

  it('with messages nested a thousand deep', () => {
    // network_groups.partial_network_groups.network_group.partial_network_groups …
    let inner = new Uint8Array();
    for (let i = 0; i < 1000; i++) {
      const part = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(inner).finish();
      inner = new BinaryWriter().tag(7, WireType.LengthDelimited).bytes(part).finish();
    }
    const hef = new BinaryWriter().tag(2, WireType.LengthDelimited).bytes(inner).finish();
    expect(messageFor(around(hef))).toContain('(messages nested deeper than 100)');
  });

  it('with 210,000 empty messages: counted where they are only counted, refused where they would be kept', () => {
    const empty = (tag: number) => Uint8Array.from({ length: 420_000 }, (_, i) => (i % 2 === 0 ? tag : 0));
    const context = new BinaryWriter().tag(3, WireType.LengthDelimited).bytes(empty(0x12)).finish();
    const group = new BinaryWriter().tag(2, WireType.LengthDelimited).bytes(context).finish();
    const limit = 'expected at most 200000 fields in one';
    expect(messageFor(around(empty(0x12)))).toContain(`${limit} Hef`);
    expect(messageFor(around(group))).toContain(`${limit} Context`);
    const unread = new BinaryWriter().tag(2, WireType.LengthDelimited).fork();
    unread
      .tag(2, WireType.LengthDelimited)
      .bytes(new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(empty(0x12)).finish());
    expect(describeHef(around(unread.join().finish())).actions).toEqual({});
  });
});
