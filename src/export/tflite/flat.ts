import { Builder } from 'flatbuffers';

/** A value of a FlatBuffer field, with what the schema says of its type. */
export type FlatValue =
  | { readonly type: 'int8' | 'uint8' | 'int32' | 'uint32' | 'float32' | 'bool'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'int32s' | 'float32s'; readonly values: ArrayLike<number> }
  | { readonly type: 'int64s'; readonly values: readonly bigint[] }
  /** `alignment` in bytes, from the start of the file. */
  | { readonly type: 'bytes'; readonly bytes: Uint8Array; readonly alignment?: number }
  | { readonly type: 'table'; readonly table: FlatTable }
  | { readonly type: 'tables'; readonly tables: readonly FlatTable[] };

/** A table: values by field number, in the order of the schema. Absent fields have the schema's defaults. */
export type FlatTable = Readonly<Record<number, FlatValue | undefined>>;

export const int8 = (value: number): FlatValue => ({ type: 'int8', value });
export const uint8 = (value: number): FlatValue => ({ type: 'uint8', value });
export const int32 = (value: number): FlatValue => ({ type: 'int32', value });
export const uint32 = (value: number): FlatValue => ({ type: 'uint32', value });
export const real = (value: number): FlatValue => ({ type: 'float32', value });
export const bool = (value: boolean): FlatValue => ({ type: 'bool', value: value ? 1 : 0 });
export const text = (value: string): FlatValue => ({ type: 'string', value });
export const int32s = (values: ArrayLike<number>): FlatValue => ({ type: 'int32s', values });
export const reals = (values: ArrayLike<number>): FlatValue => ({ type: 'float32s', values });
export const table = (content: FlatTable): FlatValue => ({ type: 'table', table: content });
export const tables = (list: readonly FlatTable[]): FlatValue => ({ type: 'tables', tables: list });

/**
 * Serializes a table and all below it as a FlatBuffer.
 *
 * @param identifier the four characters that tell the schema
 * @param sizeHint bytes to begin with
 * @see https://flatbuffers.dev/internals
 */
export function encodeFlat(root: FlatTable, identifier: string, sizeHint = 1024): Uint8Array {
  const builder = new Builder(sizeHint);
  builder.forceDefaults(true);
  builder.finish(writeTable(builder, root), identifier);
  return builder.asUint8Array();
}

/** Everything that a table refers to stands before it, so it is written first. */
function writeTable(builder: Builder, content: FlatTable): number {
  const fields = Object.entries(content).flatMap(([key, value]) =>
    value === undefined ? [] : [{ slot: Number(key), value, offset: writeReferred(builder, value) }],
  );
  builder.startObject(fields.reduce((count, { slot }) => Math.max(count, slot + 1), 0));
  for (const { slot, value, offset } of fields) {
    if (offset === undefined) writeScalar(builder, slot, value);
    else builder.addFieldOffset(slot, offset, 0);
  }
  return builder.endObject();
}

function writeReferred(builder: Builder, value: FlatValue): number | undefined {
  switch (value.type) {
    case 'string':
      return writeShared(builder, `text:${value.value}`, () => builder.createString(value.value));
    case 'int32s':
      return writeShared(builder, `32:${Array.from(value.values).join()}`, () =>
        writeVector(builder, 4, value.values, (entry) => builder.addInt32(entry)),
      );
    case 'float32s':
      return writeShared(builder, `f32:${Array.from(value.values).join()}`, () =>
        writeVector(builder, 4, value.values, (entry) => builder.addFloat32(entry)),
      );
    case 'int64s':
      return writeShared(builder, `64:${value.values.join()}`, () =>
        writeVector(builder, 8, value.values, (entry) => builder.addInt64(entry)),
      );
    case 'bytes':
      builder.prep(value.alignment ?? 1, value.bytes.length);
      return builder.createByteVector(value.bytes);
    case 'table':
      return isPlain(value.table)
        ? writeShared(builder, keyOf(value.table), () => writeTable(builder, value.table))
        : writeTable(builder, value.table);
    case 'tables': {
      const offsets = value.tables.map((content) => writeTable(builder, content));
      return writeVector(builder, 4, offsets, (offset) => builder.addOffset(offset));
    }
    default:
      return undefined;
  }
}

/** Whether a table holds numbers only, as operators' options and the forms of tensors do. */
function isPlain(content: FlatTable): boolean {
  return Object.values(content).every(
    (value) => value === undefined || 'value' in value || 'values' in value,
  );
}

function keyOf(content: FlatTable): string {
  const texts = Object.entries(content).map(([slot, field]) => {
    if (field === undefined) return '';
    const numbers =
      'values' in field ? Array.from<unknown>(field.values) : 'value' in field ? field.value : '';
    return `${slot} ${field.type} ${String(numbers)}`;
  });
  return `table:${texts.join(';')}`;
}

/** Where each builder wrote what may be referred to more than once. */
const written = new WeakMap<Builder, Map<string, number>>();

/** Equal texts, shapes, scales and options stand once in a file, however many tables refer to them. */
function writeShared(builder: Builder, key: string, write: () => number): number {
  const places = written.get(builder) ?? new Map<string, number>();
  written.set(builder, places);
  const place = places.get(key) ?? write();
  places.set(key, place);
  return place;
}

/** FlatBuffers are written back to front. */
function writeVector<T>(
  builder: Builder,
  size: number,
  values: ArrayLike<T>,
  add: (value: T) => void,
): number {
  builder.startVector(size, values.length, size);
  for (const value of Array.from(values).reverse()) add(value);
  return builder.endVector();
}

function writeScalar(builder: Builder, slot: number, field: FlatValue): void {
  switch (field.type) {
    case 'int8':
    case 'uint8':
    case 'bool':
      builder.addFieldInt8(slot, field.value, 0);
      break;
    case 'int32':
    case 'uint32':
      builder.addFieldInt32(slot, field.value, 0);
      break;
    case 'float32':
      builder.addFieldFloat32(slot, field.value, 0);
  }
}
