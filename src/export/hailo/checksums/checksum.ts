/** A checksum that takes its bytes in pieces, so that a large file need not be in memory. */
export interface Checksum {
  /** Takes the next bytes; they may be overwritten afterwards. */
  update(bytes: Uint8Array): void;
  /** The checksum of everything so far, in lower-case hexadecimal digits, most significant first. */
  digest(): string;
}

/** Hexadecimal digits of an unsigned number, padded to its width. */
export function hex(value: number | bigint, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
