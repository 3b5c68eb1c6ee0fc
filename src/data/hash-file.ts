import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Bytes read at a time: large files are not held in memory. */
const CHUNK = 1 << 20;

/**
 * SHA-256 of a file's content, base64.
 * @throws the system's error when the file cannot be read
 */
export function hashFile(path: string): string {
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  try {
    // A byte more than a small file has, so that one read sees its end.
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK, fstatSync(file).size + 1));
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      hash.update(chunk.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest('base64');
}
