import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

import { maskedCrc32c } from './crc32c.js';

/** One entry of a TensorBoard log; exactly one kind of content. */
export type LogEvent =
  | { readonly kind: 'version'; readonly wallTime: number }
  | { readonly kind: 'start'; readonly wallTime: number; readonly step: number }
  | {
      readonly kind: 'scalars';
      readonly wallTime: number;
      readonly step: number;
      /** Tag to value; stored as float32. */
      readonly values: Readonly<Record<string, number>>;
    };

/** Field numbers of TensorFlow's event.proto and summary.proto. */
const field = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const;
const summaryField = { value: 1, tag: 1, simpleValue: 2 } as const;
const sessionLogField = { status: 1, start: 1 } as const;

/** The `Event` message of a log entry; `wallTime` in seconds since 1970. */
export function encodeEvent(event: LogEvent): Uint8Array {
  const writer = new BinaryWriter().tag(field.wallTime, WireType.Bit64).double(event.wallTime);
  // proto3 leaves zeros out.
  if (event.kind !== 'version' && event.step !== 0) {
    writer.tag(field.step, WireType.Varint).int64(event.step);
  }
  return writeContent(writer, event).finish();
}

/**
 * Frames a record as TFRecord files do: length (uint64, little endian), masked CRC of the length, the data,
 * masked CRC of the data.
 */
export function frameRecord(data: Uint8Array): Uint8Array {
  const frame = new Uint8Array(16 + data.length);
  const view = new DataView(frame.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(frame.subarray(0, 8)), true);
  frame.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return frame;
}

function writeContent(writer: BinaryWriter, event: LogEvent): BinaryWriter {
  switch (event.kind) {
    case 'version':
      return writer.tag(field.fileVersion, WireType.LengthDelimited).string('brain.Event:2');
    case 'start':
      writer.tag(field.sessionLog, WireType.LengthDelimited).fork();
      return writer.tag(sessionLogField.status, WireType.Varint).int32(sessionLogField.start).join();
    case 'scalars':
      writer.tag(field.summary, WireType.LengthDelimited).fork();
      for (const [tag, value] of Object.entries(event.values)) writeValue(writer, tag, value);
      return writer.join();
  }
}

/** Values beyond float32 become infinite. */
function writeValue(writer: BinaryWriter, tag: string, value: number): void {
  writer.tag(summaryField.value, WireType.LengthDelimited).fork();
  writer.tag(summaryField.tag, WireType.LengthDelimited).string(tag);
  writer.tag(summaryField.simpleValue, WireType.Bit32).float(Math.fround(value)).join();
}
