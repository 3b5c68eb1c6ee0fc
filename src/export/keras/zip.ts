import { inflateSync, zipSync } from 'fflate';

import { crc32 } from '../../core/crc32.js';
import { InputError, messageOf } from '../../core/errors.js';

/** One file inside an archive. */
interface Entry {
  readonly name: string;
  /** 0: stored, 8: deflated. */
  readonly method: number;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
  /** Where its local header begins. */
  readonly offset: number;
}

const END = { signature: 0x06054b50, size: 22, comment: 0xffff };
const CENTRAL = { signature: 0x02014b50, size: 46 };
const LOCAL = { signature: 0x04034b50, size: 30 };
/** Deflate cannot grow data by more than this factor (zlib's manual: about 1032). */
const MOST_INFLATION = 1100;
const MOST_ENTRIES = 1000;
/** The earliest date that an archive can state; `metadata.json` has the true one. */
const EPOCH = new Date(1980, 0, 1);

/**
 * Unpacks chosen files of a zip archive. Sizes are checked before anything is unpacked, checksums after it.
 *
 * @param limits most bytes per wanted file; other files stay packed
 * @throws InputError when the archive is no zip file, truncated, damaged, oversized, or names paths outside itself
 */
export function unzip(
  where: string,
  bytes: Uint8Array,
  limits: Readonly<Record<string, number>>,
): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const entry of directory(where, bytes)) {
    const limit = Object.hasOwn(limits, entry.name) ? limits[entry.name] : undefined;
    if (limit === undefined) continue;
    if (files.has(entry.name)) throw broken(where, `two files "${entry.name}"`, 'one of each');
    files.set(entry.name, unpack(where, bytes, entry, limit));
  }
  return files;
}

/** Packs files without compression, as Keras does. */
export function zip(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  return zipSync(Object.fromEntries(files), { level: 0, mtime: EPOCH });
}

function directory(where: string, bytes: Uint8Array): Entry[] {
  const view = viewOf(bytes);
  const end = findEnd(view);
  if (end === undefined)
    throw broken(where, 'no zip directory', 'a complete .keras archive (the file may be truncated)');
  const count = view.getUint16(end + 10, true);
  if (count > MOST_ENTRIES) throw broken(where, `${count} files`, `at most ${MOST_ENTRIES}`);
  const entries: Entry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL.size > end || view.getUint32(at, true) !== CENTRAL.signature)
      throw broken(where, 'a damaged zip directory', 'an intact .keras archive');
    const nameLength = view.getUint16(at + 28, true);
    entries.push(readEntry(where, bytes, view, at, nameLength));
    at += CENTRAL.size + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

function readEntry(where: string, bytes: Uint8Array, view: DataView, at: number, nameLength: number): Entry {
  const name = new TextDecoder().decode(bytes.subarray(at + CENTRAL.size, at + CENTRAL.size + nameLength));
  if (/^[/\\]|^[a-zA-Z]:|(^|[/\\])\.\.([/\\]|$)|\0/.test(name))
    throw broken(where, `the path "${name}" inside`, 'paths that stay inside the archive');
  return {
    name,
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    compressed: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    offset: view.getUint32(at + 42, true),
  };
}

function unpack(where: string, bytes: Uint8Array, entry: Entry, limit: number): Uint8Array {
  const { name, method, size, compressed } = entry;
  if (size > limit || size > compressed * MOST_INFLATION + 64)
    throw broken(where, `${size} bytes of ${name} packed into ${compressed}`, `at most ${limit} bytes`);
  const packed = packedBytes(where, bytes, entry);
  const content = method === 0 ? packed : method === 8 ? inflate(where, name, packed, size) : undefined;
  if (content === undefined) throw broken(where, `compression method ${method}`, 'stored or deflated files');
  if (content.length === size && crc32(content) === entry.crc) return content;
  throw broken(where, `a damaged ${name} (its checksum differs)`, 'an intact .keras archive');
}

function packedBytes(where: string, bytes: Uint8Array, { name, offset, compressed }: Entry): Uint8Array {
  const view = viewOf(bytes);
  const fits = offset + LOCAL.size <= bytes.length && view.getUint32(offset, true) === LOCAL.signature;
  const start = fits
    ? offset + LOCAL.size + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true)
    : bytes.length;
  if (fits && start + compressed <= bytes.length) return bytes.subarray(start, start + compressed);
  throw broken(where, `an incomplete ${name}`, 'an intact .keras archive');
}

function inflate(where: string, name: string, packed: Uint8Array, size: number): Uint8Array {
  try {
    return inflateSync(packed, { out: new Uint8Array(size) });
  } catch (error) {
    throw broken(where, `a damaged ${name} (${messageOf(error)})`, 'an intact .keras archive');
  }
}

/** The end record stands last, before a comment of at most 65,535 bytes. */
function findEnd(view: DataView): number | undefined {
  const first = Math.max(0, view.byteLength - END.size - END.comment);
  for (let at = view.byteLength - END.size; at >= first; at--) {
    if (view.getUint32(at, true) === END.signature) return at;
  }
  return undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function broken(where: string, received: string, expected: string): InputError {
  return new InputError({ where, received, expected });
}
