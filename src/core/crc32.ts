/**
 * CRC-32 of ISO 3309 (the one of zip, gzip and PNG), unsigned; a piece at a time when the last result is handed on.
 *
 * @example
 * crc32(second, crc32(first)); // of both together
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  let crc = ~before;
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Remainders of all bytes by the bit-reversed polynomial. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});
