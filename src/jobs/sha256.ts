import { hashFile } from '../data/hash-file.js';

/** SHA-256 of a file, hexadecimal. */
export function sha256Of(path: string): string {
  return Buffer.from(hashFile(path), 'base64').toString('hex');
}
