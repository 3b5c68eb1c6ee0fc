import type { Dataset, File as H5File, Group } from 'h5wasm';

import { InputError, messageOf } from '../../core/errors.js';
import { sameShape, sizeOf, type Shape } from '../../core/tensor.js';
import { decodeFloat16 } from './float16.js';

/** What h5wasm's typed interface leaves out. */
interface RawModule {
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  readonly FS: {
    writeFile(path: string, bytes: Uint8Array): void;
    readFile(path: string): Uint8Array<ArrayBuffer>;
    unlink(path: string): void;
  };
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  get_dataset_data(file: bigint, path: string, count: null, offset: null, strides: null, to: bigint): number;
  activate_throwing_error_handler(): number;
}

/** The only file in the library's own in-memory file system; every use is synchronous from open to close. */
const PATH = '/mien.h5';
/** HDF5's class of floating-point types. */
const FLOAT_CLASS = 1;

/** A way through an open HDF5 file; every complaint is one sentence. */
export class Hdf5Reader {
  constructor(
    private readonly where: string,
    private readonly root: Group,
    private readonly raw: RawModule,
  ) {}

  /** Names inside a group; none where there is no such group. */
  keys(path: string): readonly string[] {
    const group = this.group(path);
    return group === undefined ? [] : group.keys();
  }

  /** A list of names in an attribute, also where Keras split a long one into `name0`, `name1`, ... */
  names(path: string, attribute: string): readonly string[] {
    const attrs = this.group(path)?.attrs ?? {};
    const parts = Object.keys(attrs)
      .filter(
        (key) =>
          key === attribute || (key.startsWith(attribute) && /^\d+$/.test(key.slice(attribute.length))),
      )
      .sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
    return parts.flatMap((key) => {
      const value = attrs[key]?.value;
      // An empty list has no strings to tell its type by and arrives as numbers or nothing.
      return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
    });
  }

  /** A text in an attribute, if there is one. */
  text(path: string, attribute: string): string | undefined {
    const value = this.group(path)?.attrs[attribute]?.value;
    return typeof value === 'string' ? value : undefined;
  }

  /** The shape of a dataset, if there is one. */
  shapeOf(path: string): Shape | undefined {
    return this.dataset(path)?.shape ?? undefined;
  }

  /**
   * Values of a floating-point dataset as float32.
   * @throws InputError when it is missing, of another shape or another type
   */
  read(path: string, shape: Shape): Float32Array<ArrayBuffer> {
    const dataset = this.dataset(path);
    if (dataset === undefined) throw this.broken(`no values "${path}"`, 'all weights of the model');
    const found = dataset.shape ?? [];
    if (!sameShape(found, shape))
      throw this.broken(`shape [${found.join(', ')}] for "${path}"`, `[${shape.join(', ')}]`);
    const { type, size, littleEndian } = dataset.metadata;
    if (type !== FLOAT_CLASS || !littleEndian || ![2, 4, 8].includes(size))
      throw this.broken(`values of another type for "${path}"`, 'little-endian floats of 2, 4 or 8 bytes');
    return decode(this.bytes(dataset, sizeOf(shape) * size), size);
  }

  private bytes(dataset: Dataset, length: number): ArrayBuffer {
    const { raw } = this;
    const pointer = raw._malloc(Math.max(1, length));
    if (pointer === 0)
      throw this.broken(`${length} bytes in "${dataset.path}"`, 'a size that fits into memory');
    try {
      raw.get_dataset_data(dataset.file_id, dataset.path, null, null, null, BigInt(pointer));
      return raw.HEAPU8.slice(pointer, pointer + length).buffer;
    } finally {
      raw._free(pointer);
    }
  }

  private group(path: string): Group | undefined {
    const found = path === '' ? this.root : this.root.get(path);
    return found !== null && 'keys' in found ? found : undefined;
  }

  private dataset(path: string): Dataset | undefined {
    const found = this.root.get(path);
    return found !== null && 'metadata' in found && 'filters' in found ? found : undefined;
  }

  private broken(received: string, expected: string): InputError {
    return new InputError({ where: this.where, received, expected });
  }
}

/**
 * Opens an HDF5 file that lies in memory.
 * @throws InputError when the bytes are no HDF5 file, truncated or damaged
 */
export async function readHdf5<T>(
  where: string,
  bytes: Uint8Array,
  use: (file: Hdf5Reader) => T,
): Promise<T> {
  const { h5wasm, raw } = await library();
  raw.FS.writeFile(PATH, bytes);
  let file: H5File | undefined;
  try {
    file = new h5wasm.File(PATH, 'r');
    return use(new Hdf5Reader(where, file, raw));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw damaged(where, error);
  } finally {
    closeQuietly(file);
    raw.FS.unlink(PATH);
  }
}

/** Writes an HDF5 file into memory. */
export async function writeHdf5(build: (root: Group) => void): Promise<Uint8Array<ArrayBuffer>> {
  const { h5wasm, raw } = await library();
  const file = new h5wasm.File(PATH, 'w');
  try {
    build(file);
  } finally {
    file.close();
  }
  const bytes = raw.FS.readFile(PATH);
  raw.FS.unlink(PATH);
  return bytes;
}

/** Loaded on first use: it compiles WebAssembly as it is imported. */
async function library() {
  const { default: h5wasm } = await import('h5wasm');
  const raw = (await h5wasm.ready) as unknown as RawModule;
  // Without this the library prints its complaints instead of throwing them.
  raw.activate_throwing_error_handler();
  return { h5wasm, raw };
}

function decode(buffer: ArrayBuffer, size: number): Float32Array<ArrayBuffer> {
  if (size === 2) return decodeFloat16(new Uint16Array(buffer));
  return size === 4 ? new Float32Array(buffer) : Float32Array.from(new Float64Array(buffer));
}

function damaged(where: string, cause: unknown): InputError {
  const text = messageOf(cause);
  const received = text.includes('truncated')
    ? 'a truncated HDF5 file'
    : 'bytes that are no intact HDF5 file';
  const remedy = 'copy or download the file again';
  return new InputError({ where, received, expected: 'an HDF5 file of weights', remedy }, { cause });
}

function closeQuietly(file: H5File | undefined): void {
  try {
    file?.close();
  } catch {
    // A damaged file may refuse to close; its bytes are dropped either way.
  }
}
