import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';

import { encode, join, makeHef } from '../testing/make-hef.js';
import { SAMPLE } from '../testing/sample.js';
import { describeHef } from './describe.js';

const protobuf = encode('Hef', SAMPLE);

describe('unknown fields', () => {
  it('are reported with place, number, kind and size, not dropped', () => {
    const extra = new BinaryWriter().tag(99, WireType.Varint).uint32(300).tag(99, WireType.Varint).uint32(1);
    const inside = new BinaryWriter()
      .tag(1, WireType.LengthDelimited)
      .fork()
      .tag(77, WireType.LengthDelimited);
    const bytes = join(protobuf, extra.finish(), inside.string('new').join().finish());
    const { unknownFields, compiler } = describeHef(makeHef(2, bytes));
    expect(unknownFields).toEqual([
      { path: '', number: 99, wireType: 'varint', expectedName: null, count: 2, bytes: 7 },
      { path: 'header', number: 77, wireType: 'bytes', expectedName: null, count: 1, bytes: 6 },
    ]);
    expect(compiler.version).toBe('3.31.0');
  });

  it('are also those that have another type than the schema says', () => {
    const bytes = join(protobuf, new BinaryWriter().tag(3, WireType.Varint).uint32(5).finish());
    expect(describeHef(makeHef(2, bytes)).unknownFields).toMatchObject([
      { path: '', number: 3, wireType: 'varint', expectedName: 'mapping' },
    ]);
  });

  it('do not pile up', () => {
    const writer = new BinaryWriter();
    for (let i = 100; i < 1350; i++) writer.tag(i, WireType.Varint).uint32(0);
    const { unknownFields, moreUnknownFields } = describeHef(makeHef(2, writer.finish()));
    expect([unknownFields.length, moreUnknownFields]).toEqual([1000, 250]);
  });
});
