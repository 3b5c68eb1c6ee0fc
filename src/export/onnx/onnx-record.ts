import { readMienRecord, type MienRecord } from '../keras/mien-record.js';

/** The record in an ONNX file's `metadata_props`, one key for each part. @throws InputError when it is malformed */
export function onnxRecord(metadata: ReadonlyMap<string, string>, where: string): MienRecord {
  if (!metadata.has('mien.version')) return readMienRecord(where, undefined);
  const parts = ['preprocessing', 'labels', 'calibration', 'origin'].flatMap((key) => {
    const text = metadata.get(key);
    return text === undefined ? [] : [`"${key === 'labels' ? 'classes' : key}": ${text}`];
  });
  return readMienRecord(
    where,
    `{"format": "mien-model", "version": 1${parts.map((part) => `, ${part}`).join('')}}`,
  );
}
