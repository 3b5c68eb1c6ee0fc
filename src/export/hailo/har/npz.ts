import { Inflate } from 'fflate';

import { InputError, messageOf } from '../../../core/errors.js';
import { type ByteSource, viewOf } from '../bytes.js';

/** An array of an `.npz` archive, without its values. */
export interface NpzArray {
  /** Name without `.npy`, e.g. `model/conv1/kernel:0`. */
  readonly name: string;
  /** NumPy's type, e.g. `<f4`. */
  readonly dtype: string;
  readonly shape: readonly number[];
}

const END = { signature: 0x06054b50, size: 22, comment: 0xffff };
const CENTRAL = { signature: 0x02014b50, size: 46 };
const LOCAL = { signature: 0x04034b50, size: 30 };
/** Bytes of an array that are looked at for its header, which takes 128 bytes as a rule. */
const HEAD = 4096;
/** Packed bytes that are inflated at once: the header seldom needs more, and they cannot grow much. */
const STEP = 64;
/** Bytes inflated for all headers together; a hostile file could ask for far more. */
const MOST_INFLATED = 64 * 2 ** 20;

/**
 * Lists the arrays of an `.npz` archive (NumPy's NEP 1): of each only the header is unpacked.
 *
 * @throws InputError when the archive or a header in it is damaged.
 */
export function npzArrays(where: string, npz: ByteSource): NpzArray[] {
  const budget = { inflated: 0 };
  return directory(where, npz)
    .filter(({ name }) => name.endsWith('.npy'))
    .map((entry) => arrayOf(where, npz, entry, budget));
}

interface Entry {
  readonly name: string;
  /** 0: stored, 8: deflated. */
  readonly method: number;
  readonly packed: number;
  readonly offset: number;
}

function directory(where: string, npz: ByteSource): Entry[] {
  const { count, offset, size } = endRecord(where, npz);
  if (offset + size > npz.size) throw damaged(where, 'a directory that lies outside the file');
  const view = viewOf(npz.read(offset, size));
  const entries: Entry[] = [];
  for (let i = 0, at = 0; i < count; i++) {
    if (at + CENTRAL.size > size || view.getUint32(at, true) !== CENTRAL.signature)
      throw damaged(where, 'a damaged directory');
    const lengths = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const [nameLength = 0, extraLength = 0, commentLength = 0] = lengths;
    if (at + CENTRAL.size + nameLength > size) throw damaged(where, 'a damaged directory');
    entries.push(readEntry(view, at, nameLength));
    at += CENTRAL.size + nameLength + extraLength + commentLength;
  }
  return entries;
}

/** Sizes beyond 4 GB stand in an extension that is not read; the header of such an array is reachable all the same. */
function readEntry(view: DataView, at: number, nameLength: number): Entry {
  const name = new Uint8Array(view.buffer, view.byteOffset + at + CENTRAL.size, nameLength);
  return {
    name: new TextDecoder().decode(name),
    method: view.getUint16(at + 10, true),
    packed: view.getUint32(at + 20, true),
    offset: view.getUint32(at + 42, true),
  };
}

/** The end record stands last, before a comment of at most 65,535 bytes. */
function endRecord(where: string, npz: ByteSource): { count: number; offset: number; size: number } {
  const length = Math.min(npz.size, END.size + END.comment);
  const view = viewOf(npz.read(npz.size - length, length));
  for (let at = length - END.size; at >= 0; at--) {
    if (view.getUint32(at, true) !== END.signature) continue;
    const count = view.getUint16(at + 10, true);
    const size = view.getUint32(at + 12, true);
    return { count, size, offset: view.getUint32(at + 16, true) };
  }
  throw damaged(where, 'no zip directory');
}

function arrayOf(where: string, npz: ByteSource, entry: Entry, budget: Budget): NpzArray {
  const packed = packedHead(where, npz, entry);
  const head = entry.method === 8 ? inflatedHead(where, entry, packed, budget) : packed;
  return {
    name: entry.name.replace(/\.npy$/, ''),
    ...npyHeader(where, entry.name, head.subarray(0, headerEnd(head))),
  };
}

function packedHead(where: string, npz: ByteSource, { name, offset, packed, method }: Entry): Uint8Array {
  if (method !== 0 && method !== 8) throw damaged(where, `${name} packed by method ${method}`);
  if (offset + LOCAL.size > npz.size) throw damaged(where, `${name} outside the file`);
  const local = viewOf(npz.read(offset, LOCAL.size));
  const start = offset + LOCAL.size + local.getUint16(26, true) + local.getUint16(28, true);
  if (local.getUint32(0, true) !== LOCAL.signature || start > npz.size)
    throw damaged(where, `a damaged entry ${name}`);
  return npz.read(start, Math.min(packed, HEAD, npz.size - start));
}

/** The beginning of a deflated entry; that its end is missing is no fault. */
function inflatedHead(where: string, { name }: Entry, packed: Uint8Array, budget: Budget): Uint8Array {
  const head = new Uint8Array(HEAD);
  let size = 0;
  const stream = new Inflate((part) => {
    head.set(part.subarray(0, HEAD - size), size);
    size = Math.min(HEAD, size + part.length);
    budget.inflated += part.length;
  });
  try {
    for (let at = 0; at < packed.length && size < headerEnd(head.subarray(0, size)); at += STEP)
      stream.push(packed.subarray(at, at + STEP));
  } catch (error) {
    throw damaged(where, `a damaged entry ${name} (${messageOf(error)})`);
  }
  if (budget.inflated > MOST_INFLATED) throw damaged(where, `more than ${MOST_INFLATED} bytes of headers`);
  return head.subarray(0, size);
}

interface Budget {
  inflated: number;
}

/** Where an array's header ends; at least its fixed part, at most all that is looked at. */
function headerEnd(head: Uint8Array): number {
  if (head.length < 12) return 12;
  const view = viewOf(head);
  const end = (head[6] ?? 0) >= 2 ? 12 + view.getUint32(8, true) : 10 + view.getUint16(8, true);
  return Math.min(end, HEAD);
}

/** The header of an `.npy` file: magic, version, length, a Python dictionary in ASCII. */
function npyHeader(where: string, name: string, head: Uint8Array): Pick<NpzArray, 'dtype' | 'shape'> {
  const latin = String.fromCharCode(...head);
  const version = head[6] ?? 0;
  const text = latin.startsWith('\x93NUMPY') ? latin.slice(version >= 2 ? 12 : 10) : '';
  const dtype = /'descr':\s*'([^']{1,20})'/.exec(text)?.[1];
  const shape = /'shape':\s*\(([\d,\s]{0,400})\)/.exec(text)?.[1];
  if (dtype === undefined || shape === undefined) throw damaged(where, `no array header in ${name}`);
  return { dtype, shape: shape.split(',').flatMap((part) => (part.trim() === '' ? [] : [Number(part)])) };
}

function damaged(where: string, received: string): InputError {
  return new InputError({ where, received, expected: 'an undamaged .npz archive' });
}
