import { InputError } from './errors.js';
import { sizeOf, type DType, type Tensor } from './tensor.js';

/** Named tensors with string metadata, the content of a safetensors file. */
export interface SafeTensors {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const NAMES: Readonly<Record<DType, string>> = {
  float32: 'F32',
  float16: 'F16',
  int64: 'I64',
  int32: 'I32',
  uint8: 'U8',
  int8: 'I8',
  bool: 'BOOL',
};

const ARRAYS = {
  F32: Float32Array,
  F16: Uint16Array,
  I64: BigInt64Array,
  I32: Int32Array,
  U8: Uint8Array,
  I8: Int8Array,
  BOOL: Uint8Array,
} as const;

/** Longest header that is read, as in the reference implementation. */
const LONGEST_HEADER = 100_000_000;

interface Entry {
  readonly dtype: keyof typeof ARRAYS;
  readonly shape: number[];
  readonly data_offsets: [number, number];
}

/**
 * Serializes tensors in the safetensors format: an 8-byte little-endian header length, a JSON header, then
 * the raw data (github.com/huggingface/safetensors, "Format").
 */
export function encodeSafeTensors({ tensors, metadata }: SafeTensors): Uint8Array {
  const entries: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { dtype, shape, data }] of tensors) {
    entries[name] = { dtype: NAMES[dtype], shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  // The header is padded with spaces so that the data starts at a multiple of 8.
  const json = JSON.stringify(entries);
  const bytes = new TextEncoder().encode(
    json.padEnd(json.length + ((8 - (Buffer.byteLength(json) % 8)) % 8)),
  );
  const out = new Uint8Array(8 + bytes.length + offset);
  new DataView(out.buffer).setBigUint64(0, BigInt(bytes.length), true);
  out.set(bytes, 8);
  let position = 8 + bytes.length;
  for (const { data } of tensors.values()) {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return out;
}

/**
 * Reads a safetensors file.
 *
 * @param where the file's name, for messages
 * @throws InputError when it is truncated or not such a file
 */
export function decodeSafeTensors(bytes: Uint8Array, where: string): SafeTensors {
  const { header, start } = readHeader(bytes, where);
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(entries)) {
    tensors.set(name, readTensor(bytes, start, entry as Entry, `${where}: tensor "${name}"`));
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

function readHeader(bytes: Uint8Array, where: string): { header: Record<string, unknown>; start: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 8 ? Infinity : Number(view.getBigUint64(0, true));
  if (length > Math.min(LONGEST_HEADER, bytes.length - 8))
    throw damaged(where, `${bytes.length} bytes without a whole header`);
  try {
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<
      string,
      unknown
    >;
    return { header, start: 8 + length };
  } catch {
    throw damaged(where, 'a header that is not JSON');
  }
}

function readTensor(bytes: Uint8Array, start: number, entry: Entry, where: string): Tensor {
  const Type = ARRAYS[entry.dtype] as (typeof ARRAYS)[keyof typeof ARRAYS] | undefined;
  const dtype = (Object.keys(NAMES) as DType[]).find((name) => NAMES[name] === entry.dtype);
  if (Type === undefined || dtype === undefined) throw damaged(where, `the type ${entry.dtype}`);
  const [from, to] = entry.data_offsets;
  const inside = Number.isInteger(from) && from >= 0 && to >= from && start + to <= bytes.length;
  if (!inside || to - from !== sizeOf(entry.shape) * Type.BYTES_PER_ELEMENT)
    throw damaged(where, 'data that is cut off');
  // A copy, aligned for any type; slice() of a Buffer would be a view.
  const copy = new Uint8Array(bytes.subarray(start + from, start + to));
  return { dtype, shape: entry.shape, data: new Type(copy.buffer) };
}

function damaged(where: string, received: string): InputError {
  return new InputError({ where, received, expected: 'a whole safetensors file' });
}
