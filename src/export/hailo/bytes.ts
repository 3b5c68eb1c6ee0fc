/** Bytes that can be read at any place: an array, a part of a file. */
export interface ByteSource {
  readonly size: number;
  /** Bytes `offset` to `offset + length - 1`, all of them inside. The array may be a view. */
  read(offset: number, length: number): Uint8Array;
}

/** Bytes taken at once from a source of any size. */
const STEP = 1 << 20;

/** A source over an array; a source stays what it is. */
export function sourceOf(bytes: Uint8Array | ByteSource): ByteSource {
  if (!(bytes instanceof Uint8Array)) return bytes;
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/** Part of a source as a source. */
export function partOf(source: ByteSource, offset: number, size: number): ByteSource {
  return { size, read: (at, length) => source.read(offset + at, length) };
}

/** Runs over a part of a source in pieces, so that memory stays small whatever its size. */
export function* piecesOf(source: ByteSource, offset: number, length: number): Generator<Uint8Array> {
  for (let done = 0; done < length; done += STEP) {
    yield source.read(offset + done, Math.min(STEP, length - done));
  }
}

/** A view for numbers in bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
