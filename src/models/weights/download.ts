import { createHash } from 'node:crypto';

import { InputError, messageOf } from '../../core/errors.js';
import { writeFileAtomic } from '../../core/files.js';
import type { Checksum, WeightRecord } from './records.js';

/** Called as bytes arrive; `total` is undefined where the server does not say. */
export type Progress = (received: number, total: number | undefined) => void;

/** Options of {@link downloadWeights}. */
export interface DownloadOptions {
  readonly onProgress?: Progress;
  readonly signal?: AbortSignal;
}

/** No file of weights is larger. */
const LARGEST = 2 ** 30;

/**
 * Downloads a record's file, checks its digest and only then puts it in place.
 * @throws InputError when the server does not answer, answers with an error, or sends other bytes
 */
export async function downloadWeights(
  record: WeightRecord & { readonly url: string },
  path: string,
  options: DownloadOptions = {},
): Promise<void> {
  const bytes = await receive(record.url, path, record.bytes ?? LARGEST, options);
  checkDigest(record.url, bytes, record.checksum);
  writeFileAtomic(path, bytes);
}

/** Throws unless the bytes have the digest. @throws InputError */
export function checkDigest(where: string, bytes: Uint8Array, { algorithm, digest }: Checksum): void {
  const found = createHash(algorithm).update(bytes).digest('hex');
  if (found === digest) return;
  throw new InputError({
    where,
    received: `${bytes.length} bytes with ${algorithm} ${found.slice(0, 12)}…`,
    expected: `${digest.slice(0, 12)}…`,
    remedy: 'the file is truncated or changed: delete it and get it again',
  });
}

async function receive(
  url: string,
  path: string,
  most: number,
  { onProgress, signal }: DownloadOptions,
): Promise<Uint8Array> {
  try {
    const response = await fetch(url, signal === undefined ? {} : { signal });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const length = Number(response.headers.get('content-length') ?? NaN);
    return await collect(response, most, (received) =>
      onProgress?.(received, Number.isFinite(length) ? length : undefined),
    );
  } catch (error) {
    throw unreachable(url, path, error);
  }
}

async function collect(
  { body }: Response,
  most: number,
  report: (received: number) => void,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let received = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    received += chunk.length;
    if (received > most) throw new Error(`more than ${most} bytes`);
    chunks.push(chunk);
    report(received);
  }
  return Buffer.concat(chunks);
}

function unreachable(url: string, path: string, error: unknown): InputError {
  const cause = error instanceof Error && error.cause !== undefined ? ` (${messageOf(error.cause)})` : '';
  return new InputError(
    {
      where: url,
      received: `"${messageOf(error)}"${cause} instead of the file`,
      expected: 'a download',
      remedy: `download it by other means and save it as ${path}`,
    },
    { cause: error },
  );
}
