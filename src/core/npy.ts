import { InputError } from './errors.js';
import { sizeOf, type Shape } from './tensor.js';

/** Element types of the arrays that are read and written, by NumPy's names. */
export type NpyType = '|u1' | '<f4' | '<i4';

/** An array in memory. */
export interface NpyArray {
  readonly dtype: NpyType;
  readonly shape: Shape;
  readonly data: Uint8Array | Float32Array | Int32Array;
}

const MAGIC = '\x93NUMPY';
/** Everything before the values is filled up to a multiple of this. */
const ALIGNMENT = 64;

/** Bytes of one element. */
export const NPY_BYTES: Readonly<Record<NpyType, number>> = { '|u1': 1, '<f4': 4, '<i4': 4 };

/**
 * The beginning of an `.npy` file, format version 1.0 (NumPy Enhancement Proposal 1), up to the first value.
 *
 * @example npyHeader('|u1', [1024, 128, 128, 3])
 */
export function npyHeader(dtype: NpyType, shape: Shape): Uint8Array {
  const sizes = shape.length === 1 ? `${String(shape[0])},` : shape.join(', ');
  const text = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const fixed = MAGIC.length + 4;
  const length = Math.ceil((fixed + text.length + 1) / ALIGNMENT) * ALIGNMENT - fixed;
  const header = Buffer.alloc(fixed + length, ' ', 'latin1');
  header.write(MAGIC, 'latin1');
  header.writeUInt8(1, 6);
  header.writeUInt8(0, 7);
  header.writeUInt16LE(length, 8);
  header.write(text, fixed, 'latin1');
  header.write('\n', fixed + length - 1, 'latin1');
  return header;
}

/**
 * A whole `.npy` file.
 *
 * @throws RangeError when the number of values is not that of the shape
 */
export function encodeNpy({ dtype, shape, data }: NpyArray): Uint8Array {
  if (data.length !== sizeOf(shape))
    throw new RangeError(`npy: ${data.length} values for [${String(shape)}]`);
  const values = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat([npyHeader(dtype, shape), values]);
}

/** Where an array's values begin, and what they are. */
export interface NpyLayout extends Pick<NpyArray, 'dtype' | 'shape'> {
  /** Bytes before the first value. */
  readonly offset: number;
}

/**
 * Reads the beginning of an `.npy` file of version 1 or 2, in C order.
 *
 * @param start the file's first bytes, at least its header
 * @throws InputError when it is no such file, or its type is another
 */
export function npyLayout(where: string, start: Uint8Array): NpyLayout {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.byteLength);
  const version = bytes[6] ?? 0;
  const fixed = version === 1 ? 10 : 12;
  const isNpy = bytes.length >= fixed && bytes.toString('latin1', 0, 6) === MAGIC;
  if (!isNpy || version < 1 || version > 2) throw damaged(where, "a file without NumPy's header");
  const offset = fixed + (version === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8));
  if (offset > bytes.length) throw damaged(where, 'a header that is cut off');
  return { offset, ...parseHeader(where, bytes.toString('latin1', fixed, offset)) };
}

/**
 * Reads a whole `.npy` file.
 *
 * @throws InputError when it is damaged, truncated, or of another type than uint8, int32 or float32
 * @example const { shape, data } = decodeNpy(readFileSync('calib.npy'), 'calib.npy');
 */
export function decodeNpy(file: Uint8Array, where = 'npy'): NpyArray {
  const { dtype, shape, offset } = npyLayout(where, file);
  const expected = sizeOf(shape) * NPY_BYTES[dtype];
  if (file.length !== offset + expected) {
    throw damaged(where, `${file.length - offset} bytes of values for a shape that takes ${expected}`);
  }
  // A copy, since values of four bytes must begin at a multiple of four.
  const { buffer } = new Uint8Array(file.subarray(offset));
  if (dtype === '|u1') return { dtype, shape, data: new Uint8Array(buffer) };
  return { dtype, shape, data: dtype === '<f4' ? new Float32Array(buffer) : new Int32Array(buffer) };
}

function parseHeader(where: string, text: string): Pick<NpyArray, 'dtype' | 'shape'> {
  const dtype = /'descr':\s*'([^']{1,20})'/.exec(text)?.[1];
  const sizes = /'shape':\s*\(([\d,\s]{0,200})\)/.exec(text)?.[1];
  if (dtype === undefined || sizes === undefined) throw damaged(where, 'a header that cannot be read');
  if (!/'fortran_order':\s*False/.test(text)) throw damaged(where, 'an array in Fortran order');
  const shape = sizes.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]));
  if (Object.hasOwn(NPY_BYTES, dtype)) return { dtype: dtype as NpyType, shape };
  throw damaged(where, `values of type ${dtype}`);
}

function damaged(where: string, received: string): InputError {
  const expected = 'an undamaged .npy file of uint8, int32 or float32 in C order';
  return new InputError({ where, received, expected });
}
