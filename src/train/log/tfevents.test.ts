import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { crc32c } from './crc32c.js';
import { encodeEvent, frameRecord, type LogEvent } from './event-record.js';
import { createEventWriter } from './tfevents.js';

const golden = (name: string) => readFileSync(new URL(`../../../tests/golden/${name}`, import.meta.url));
const goldenEvents = JSON.parse(golden('tfevents.json').toString('utf8')) as LogEvent[];

/** CRC-32C by polynomial division bit by bit, most significant bit first: shares nothing with the table. */
function slowMaskedCrc(bytes: Uint8Array): number {
  const reversed = (value: number, bits: number) =>
    parseInt(value.toString(2).padStart(bits, '0').split('').reverse().join(''), 2);
  let remainder = 0xffffffffn;
  for (const byte of bytes) {
    remainder ^= BigInt(reversed(byte, 8)) << 24n;
    for (let i = 0; i < 8; i++) {
      remainder <<= 1n;
      if (remainder >> 32n) remainder ^= 0x11edc6f41n;
    }
  }
  const crc = BigInt(reversed(Number(remainder ^ 0xffffffffn), 32));
  const rotated = ((crc >> 15n) | (crc << 17n)) & 0xffffffffn;
  return Number((rotated + 0xa282ead8n) & 0xffffffffn);
}

/** The records of a TFRecord file, every checksum verified. */
function recordsOf(bytes: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(offset));
    expect(bytes.readUInt32LE(offset + 8)).toBe(slowMaskedCrc(bytes.subarray(offset, offset + 8)));
    const data = bytes.subarray(offset + 12, offset + 12 + length);
    expect(bytes.readUInt32LE(offset + 12 + length)).toBe(slowMaskedCrc(data));
    records.push(data);
    offset += 16 + length;
  }
  return records;
}

/** Fields of a protobuf message: number and raw value (varints as bigint). */
function fieldsOf(bytes: Buffer): [number, bigint | Buffer][] {
  const fields: [number, bigint | Buffer][] = [];
  let offset = 0;
  const varint = () => {
    let [value, shift] = [0n, 0n];
    for (let byte = 128; byte >= 128; shift += 7n) {
      byte = bytes[offset++]!;
      value |= BigInt(byte & 127) << shift;
    }
    return value;
  };
  const take = (length: number) => bytes.subarray(offset, (offset += length));
  while (offset < bytes.length) {
    const key = Number(varint());
    const wire = key & 7;
    fields.push([key >> 3, wire === 0 ? varint() : take(wire === 1 ? 8 : wire === 5 ? 4 : Number(varint()))]);
  }
  return fields;
}

/** Step and scalars of an Event message, decoded by hand. */
function scalarsOf(event: Buffer): { step: number; values: [string, number][] } {
  const fields = new Map(fieldsOf(event));
  const summary = fields.get(5) as Buffer;
  const values = fieldsOf(summary).map(([, value]): [string, number] => {
    const parts = new Map(fieldsOf(value as Buffer));
    return [(parts.get(1) as Buffer).toString('utf8'), (parts.get(2) as Buffer).readFloatLE()];
  });
  return { step: Number(fields.get(2) ?? 0n), values };
}

describe('crc32c', () => {
  it('gives the check value of the standard', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });
});

describe('encoded events', () => {
  it('are the bytes that TensorFlow writes', () => {
    const bytes = Buffer.concat(goldenEvents.map((event) => frameRecord(encodeEvent(event))));
    expect(bytes.toString('hex')).toBe(golden('tfevents.bin').toString('hex'));
  });

  it.each([NaN, Infinity, 1e39])('hold a value of %d', (value) => {
    const bytes = encodeEvent({ kind: 'scalars', wallTime: 1, step: 1, values: { loss: value } });
    expect(scalarsOf(Buffer.from(bytes)).values).toEqual([['loss', Math.fround(value)]]);
  });
});

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'mien-events-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('createEventWriter', () => {
  const now = () => 1_700_000_000_500;

  it('writes frames that decode to what was logged', () => {
    const events = createEventWriter(join(folder, 'run'), { now, host: 'my_host' });
    events.scalars(1, { 'loss/train': 0.5, 'accuracy/train': 0.25 });
    events.flush();
    events.scalars(2, { 'loss/train': 0.125 });
    events.close();
    expect(basename(events.path)).toBe('events.out.tfevents.1700000000.my-host.0');
    const [version, ...rest] = recordsOf(readFileSync(events.path));
    expect(new Map(fieldsOf(version!)).get(3)?.toString()).toBe('brain.Event:2');
    expect(new Map(fieldsOf(version!)).get(1)).toEqual(Buffer.from(Float64Array.of(1_700_000_000.5).buffer));
    expect(rest.map(scalarsOf)).toEqual([
      {
        step: 1,
        values: [
          ['loss/train', 0.5],
          ['accuracy/train', 0.25],
        ],
      },
      { step: 2, values: [['loss/train', 0.125]] },
    ]);
  });

  it('makes a second file in the same second, marked as a restart', () => {
    createEventWriter(folder, { now }).close();
    const second = createEventWriter(folder, { now, resumeStep: 3 });
    second.close();
    expect(readdirSync(folder)).toHaveLength(2);
    const restart = new Map(fieldsOf(recordsOf(readFileSync(second.path))[1]!));
    expect(restart.get(2)).toBe(3n);
    expect(new Map(fieldsOf(restart.get(7) as Buffer)).get(1)).toBe(1n);
  });

  it('refuses a step that is no whole number', () => {
    const events = createEventWriter(folder, { now });
    expect(() => events.scalars(1.5, {})).toThrow('step: received 1.5, expected an integer of at least 0.');
    events.close();
  });

  it('says where it could not write', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => createEventWriter(join(file, 'run'))).toThrow(
      /^.*run: received ".*" while writing, expected a writable folder with free space; free some space or/,
    );
  });
});
