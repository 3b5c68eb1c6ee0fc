import { InputError } from '../../../core/errors.js';
import { type ByteSource, partOf } from '../bytes.js';

/** A file inside a tar archive. */
export interface TarEntry {
  /** Path inside the archive, without a leading `./`. */
  readonly name: string;
  readonly content: ByteSource;
}

const BLOCK = 512;
const MOST_ENTRIES = 10_000;
/** Long names and pax records take some hundred bytes. */
const MOST_EXTENSION = 1 << 20;

/** Kinds of entries (POSIX.1-2001 ustar and pax, and GNU's long names). */
const REGULAR = new Set(['0', '\0', '7']);
const GNU_LONG_NAME = 'L';
const PAX = 'x';

/**
 * Lists the regular files of a tar archive without reading them. Folders, links and devices are left out.
 *
 * @throws InputError when the archive is damaged or truncated.
 */
export function tarEntries(where: string, archive: ByteSource): TarEntry[] {
  const entries: TarEntry[] = [];
  let known: Extension = {};
  for (let at = 0; at + BLOCK <= archive.size;) {
    const header = archive.read(at, BLOCK);
    if (header.every((byte) => byte === 0)) return entries;
    const { kind, name, size: stated } = readHeader(where, header, at);
    const size = known.size ?? stated;
    const content = contentOf(where, archive, at + BLOCK, size, known.name ?? name);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    if (kind === GNU_LONG_NAME || kind === PAX) {
      known = { ...known, ...extension(where, kind, content) };
      continue;
    }
    if (REGULAR.has(kind)) entries.push({ name: (known.name ?? name).replace(/^\.\//, ''), content });
    known = {};
    if (entries.length > MOST_ENTRIES) throw damaged(where, 'too many files', `at most ${MOST_ENTRIES}`);
  }
  throw damaged(where, 'an archive that ends before its end mark', 'a complete tar archive');
}

/** Whether these first bytes look like a tar archive's: a header whose checksum is right. */
export function looksLikeTar(start: Uint8Array): boolean {
  return start.length >= BLOCK && checksumIsRight(start.subarray(0, BLOCK));
}

/** What an extension header says about the entry behind it. */
interface Extension {
  readonly name?: string;
  readonly size?: number;
}

function readHeader(where: string, header: Uint8Array, at: number) {
  if (!checksumIsRight(header)) {
    throw damaged(where, `a tar header at byte ${at} whose checksum is wrong`, 'an undamaged archive');
  }
  const isUstar = text(header, 257, 5) === 'ustar';
  const prefix = isUstar ? text(header, 345, 155) : '';
  const name = text(header, 0, 100);
  return {
    kind: String.fromCharCode(header[156] ?? 0),
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: sizeOf(where, header),
  };
}

/** The sum of all bytes, the checksum's own eight counting as spaces. */
function checksumIsRight(header: Uint8Array): boolean {
  let sum = 8 * 0x20;
  header.forEach((byte, i) => (sum += i >= 148 && i < 156 ? 0 : byte));
  return Number.parseInt(text(header, 148, 8), 8) === sum;
}

/** Octal digits, or for large files a binary number behind a set top bit (GNU). */
function sizeOf(where: string, header: Uint8Array): number {
  const field = header.subarray(124, 136);
  const binary = ((field[0] ?? 0) & 0x80) !== 0;
  const size = binary
    ? field.subarray(1).reduce((value, byte) => value * 256 + byte, 0)
    : Number.parseInt(text(header, 124, 12).trim() || '0', 8);
  if (Number.isSafeInteger(size) && size >= 0) return size;
  throw damaged(where, 'a tar header without a size', 'an undamaged archive');
}

function contentOf(
  where: string,
  archive: ByteSource,
  offset: number,
  size: number,
  name: string,
): ByteSource {
  if (offset + size <= archive.size) return partOf(archive, offset, size);
  throw damaged(
    where,
    `${name} cut off after ${archive.size - offset} of ${size} bytes`,
    'a complete archive',
  );
}

function extension(where: string, kind: string, content: ByteSource): Extension {
  if (content.size > MOST_EXTENSION) throw damaged(where, 'a huge extension header', 'an undamaged archive');
  const bytes = content.read(0, content.size);
  if (kind === GNU_LONG_NAME) return { name: text(bytes, 0, bytes.length) };
  const records = paxRecords(bytes);
  const path = records.get('path');
  const size = Number(records.get('size') ?? 'none');
  return {
    ...(path === undefined ? {} : { name: path }),
    ...(Number.isSafeInteger(size) && size >= 0 ? { size } : {}),
  };
}

/** Records of the form `<length> <key>=<value>\n`, their length in bytes including itself. */
function paxRecords(bytes: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const length = Number.parseInt(new TextDecoder().decode(bytes.subarray(at, at + 12)), 10);
    if (!(length > 0)) break;
    const record = new TextDecoder().decode(bytes.subarray(at, at + length));
    const [, key, value] = /^\d+ ([^=]+)=([^]*)\n$/.exec(record) ?? [];
    if (key !== undefined && value !== undefined) records.set(key, value);
    at += length;
  }
  return records;
}

/** Text up to the first zero byte. */
function text(bytes: Uint8Array, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end === -1 ? field : field.subarray(0, end));
}

function damaged(where: string, received: string, expected: string): InputError {
  return new InputError({ where, received, expected });
}
