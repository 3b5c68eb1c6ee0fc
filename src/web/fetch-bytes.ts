import { InputError, messageOf } from '../core/errors.js';

/** Bytes that a worker may take over, and what to call them in messages. */
export interface NamedBytes {
  readonly bytes: ArrayBuffer;
  readonly where: string;
}

/** A URL as the page means it: relative to the page, not to a worker's script. */
export function pageUrl(url: string | URL): string {
  const base = typeof document === 'undefined' ? globalThis.location.href : document.baseURI;
  return new URL(url, base).href;
}

/** Fetches a file; bytes in memory are copied. @throws InputError when it does not come */
export async function fetchBytes(source: string | URL | Uint8Array | ArrayBuffer): Promise<NamedBytes> {
  if (source instanceof ArrayBuffer) return { bytes: source.slice(0), where: 'model' };
  if (source instanceof Uint8Array) return { bytes: new Uint8Array(source).buffer, where: 'model' };
  const url = pageUrl(source);
  const response = await fetch(url).catch((error: unknown) => {
    throw missing(url, messageOf(error));
  });
  if (!response.ok) throw missing(url, `status ${response.status}`);
  return { bytes: await response.arrayBuffer(), where: url };
}

function missing(url: string, reason: string): InputError {
  return new InputError({
    where: 'load',
    received: `${url}, which does not come (${reason})`,
    expected: 'an ONNX file',
    remedy: 'write one with mien export mien --format onnx',
  });
}
