import { InputError } from '../../../core/errors.js';
import { type ByteSource, viewOf } from '../bytes.js';
import { hex } from '../checksums/checksum.js';

/** The binary header before the protobuf. All of its numbers are big-endian. */
export interface HefHeader {
  /** Version of the container: 0 to 3. */
  readonly version: HefVersion;
  /** Bytes of this header. */
  readonly headerBytes: number;
  readonly protobufBytes: number;
  /** Zeros between the protobuf and what follows; versions 0 to 2 have none. */
  readonly paddingBytes: number;
  /** Configuration words of the chip, without padding; version 0 keeps them inside the protobuf. */
  readonly configurationBytes: number;
  /** What stands behind the configuration, such as external resources; only version 3 has it. */
  readonly additionalBytes: number;
  /** Checksum of everything behind the header. */
  readonly checksum: ExpectedChecksum;
  /** Checksum of the protobuf alone, where version 3 states one; HailoRT then verifies only this one. */
  readonly protobufChecksum: ExpectedChecksum | undefined;
}

/** Versions of the container that the public sources define. */
export type HefVersion = 0 | 1 | 2 | 3;

/** What a header says a checksum should be. */
export interface ExpectedChecksum {
  readonly algorithm: 'MD5' | 'CRC-32' | 'XXH3-64';
  /** Lower-case hexadecimal digits. */
  readonly expected: string;
}

const MAGIC = 0x01484546;
/** Magic, version and size of the protobuf: the same in every version. */
const COMMON = 12;
const SIZES: Readonly<Record<HefVersion, number>> = { 0: 32, 1: 28, 2: 44, 3: 56 };
/** Protobuf itself allows no message beyond 2 GiB; real ones have a few megabytes. */
const MOST_PROTOBUF = 256 * 2 ** 20;

/**
 * Reads the header and checks that the sections it promises fit the file.
 *
 * @throws InputError when the file is no HEF, of another version, truncated, or not of the promised size.
 */
export function readHeader(where: string, file: ByteSource): HefHeader {
  const start = viewOf(file.read(0, Math.min(COMMON, file.size)));
  if (start.byteLength < 4 || start.getUint32(0) !== MAGIC) throw noHef(where, start);
  if (start.byteLength < COMMON) throw truncated(where, file, `the ${COMMON} bytes that begin every HEF`);
  const version = checkVersion(where, start.getUint32(4));
  const size = SIZES[version];
  if (file.size < size) throw truncated(where, file, `the ${size} bytes of a version ${version} header`);
  const header = { ...READERS[version](viewOf(file.read(0, size))), version, headerBytes: size };
  checkSizes(where, file, header);
  return header;
}

type Distinct = Omit<HefHeader, 'version' | 'headerBytes'>;

const READERS: Readonly<Record<HefVersion, (view: DataView) => Distinct>> = {
  0: (view) => ({
    ...plain(view, 0),
    checksum: { algorithm: 'MD5', expected: digits(view, 16, 16) },
  }),
  1: (view) => ({
    ...plain(view, size64(view, 16)),
    checksum: { algorithm: 'CRC-32', expected: digits(view, 12, 4) },
  }),
  2: (view) => ({
    ...plain(view, size64(view, 20)),
    checksum: { algorithm: 'XXH3-64', expected: digits(view, 12, 8) },
  }),
  3: (view) => {
    const paddingBytes = view.getUint32(28);
    return {
      ...plain(view, size64(view, 20) - paddingBytes),
      paddingBytes,
      additionalBytes: size64(view, 32),
      checksum: { algorithm: 'XXH3-64', expected: digits(view, 12, 8) },
      protobufChecksum: statedChecksum(digits(view, 40, 8)),
    };
  },
};

function plain(view: DataView, configurationBytes: number) {
  return {
    protobufBytes: view.getUint32(8),
    configurationBytes,
    paddingBytes: 0,
    additionalBytes: 0,
    protobufChecksum: undefined,
  };
}

/** Zero stands for "not stated". */
function statedChecksum(expected: string): ExpectedChecksum | undefined {
  return /^0+$/.test(expected) ? undefined : { algorithm: 'XXH3-64', expected };
}

/** Sizes beyond 2^53 lose digits here, but are far beyond any file all the same. */
function size64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at));
}

function digits(view: DataView, at: number, length: number): string {
  return Array.from({ length }, (_, i) => hex(view.getUint8(at + i), 2)).join('');
}

function checkVersion(where: string, version: number): HefVersion {
  if (version === 0 || version === 1 || version === 2 || version === 3) return version;
  throw new InputError({
    where,
    received: `HEF version ${version}`,
    expected: 'one that the public sources define: 0, 1, 2 or 3',
    remedy: 'a newer Mien may know it, or the file is damaged',
  });
}

function checkSizes(where: string, file: ByteSource, header: HefHeader): void {
  const { headerBytes, protobufBytes, paddingBytes, configurationBytes, additionalBytes } = header;
  if (configurationBytes < 0) {
    const received = `${paddingBytes} bytes of padding inside ${configurationBytes + paddingBytes} bytes`;
    throw new InputError({ where, received, expected: 'padding no longer than the section that counts it' });
  }
  const promised = headerBytes + protobufBytes + paddingBytes + configurationBytes + additionalBytes;
  // HailoRT compares the sizes exactly, except where a checksum of the protobuf alone is stated.
  const fits = header.protobufChecksum === undefined ? file.size === promised : file.size >= promised;
  if (!fits) throw otherSize(where, file, promised);
  if (protobufBytes > MOST_PROTOBUF) {
    const received = `a protobuf of ${protobufBytes} bytes`;
    throw new InputError({ where, received, expected: `at most ${MOST_PROTOBUF} bytes` });
  }
}

function noHef(where: string, start: DataView): InputError {
  const first = Array.from({ length: Math.min(4, start.byteLength) }, (_, i) => hex(start.getUint8(i), 2));
  const received =
    first.length === 0 ? 'an empty file' : `a file that does not start like one (${first.join(' ')})`;
  return new InputError({ where, received, expected: 'a HEF, whose first bytes are 01 48 45 46' });
}

function truncated(where: string, file: ByteSource, expected: string): InputError {
  return new InputError({
    where,
    received: `a HEF of ${file.size} bytes`,
    expected,
    remedy: 'copy it again',
  });
}

function otherSize(where: string, file: ByteSource, promised: number): InputError {
  const side = file.size < promised ? 'truncated' : 'longer than it should be';
  return new InputError({
    where,
    received: `a file of ${file.size} bytes`,
    expected: `the ${promised} bytes that its header promises`,
    remedy: `the file is ${side} or its header is damaged: copy it again`,
  });
}
