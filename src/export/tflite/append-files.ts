import { zip } from '../keras/zip.js';

const END = { size: 22, count: 10, directory: 16 };
const CENTRAL = { size: 46, name: 28, extra: 30, comment: 32, offset: 42 };

/**
 * A file with a zip archive behind it, uncompressed, its offsets counted from the start of the whole: zip readers find
 * the archive from its end, readers of the file itself ignore it.
 */
export function appendFiles(bytes: Uint8Array, files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  if (files.size === 0) return bytes;
  const archive = zip(files);
  moveOffsets(archive, bytes.length);
  const whole = new Uint8Array(bytes.length + archive.length);
  whole.set(bytes);
  whole.set(archive, bytes.length);
  return whole;
}

function moveOffsets(archive: Uint8Array, by: number): void {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = archive.length - END.size;
  const move = (at: number) => view.setUint32(at, view.getUint32(at, true) + by, true);
  let entry = view.getUint32(end + END.directory, true);
  for (let i = 0; i < view.getUint16(end + END.count, true); i++) {
    move(entry + CENTRAL.offset);
    const lengths = [CENTRAL.name, CENTRAL.extra, CENTRAL.comment].map((field) =>
      view.getUint16(entry + field, true),
    );
    entry += lengths.reduce((sum, length) => sum + length, CENTRAL.size);
  }
  move(end + END.directory);
}
