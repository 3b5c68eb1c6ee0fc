import { InputError, messageOf } from '../../core/errors.js';
import { decodeImage } from '../../data/decode.js';
import { TooManyPixelsError } from '../../data/decode-errors.js';
import type { Picture } from '../../data/images.js';
import { readPictureHeader } from '../../data/picture-header.js';
import type { PictureFailure, SentPicture } from './job.js';

/** Stops a picture on its way; carries what the client is told. */
export class PictureError extends Error {
  override readonly name = 'PictureError';

  constructor(readonly failure: PictureFailure) {
    super(failure.code);
  }
}

/**
 * Pixels that a picture's header announces.
 * @throws PictureError when it is empty, of an unknown format or larger than allowed; nothing is decoded
 */
export function checkPicture({ bytes, where }: SentPicture, maxPixels: number): number {
  if (bytes.length === 0) {
    const expected = 'the bytes of a JPEG, PNG, WebP or BMP picture';
    throw new PictureError({
      status: 400,
      code: 'empty_picture',
      problem: { where, received: 'a picture of 0 bytes', expected },
    });
  }
  const header = readPictureHeader(bytes);
  if (header === undefined) {
    const problem = {
      where,
      received: 'bytes of another format',
      expected: 'a JPEG, PNG, WebP or BMP picture',
      remedy: 'convert it first',
    };
    throw new PictureError({ status: 415, code: 'unsupported_picture', problem });
  }
  const pixels = header.width * header.height;
  if (pixels <= maxPixels) return pixels;
  throw new PictureError({
    status: 413,
    code: 'too_many_pixels',
    problem: {
      where,
      received: `a picture of ${header.width}x${header.height} pixels`,
      expected: `at most ${maxPixels} pixels`,
      remedy: 'shrink the picture first',
    },
  });
}

/** Decodes a picture. @throws PictureError when it is damaged */
export async function decodePicture({ bytes, where }: SentPicture, maxPixels: number): Promise<Picture> {
  try {
    return await decodeImage(bytes, where, { maxPixels });
  } catch (error) {
    throw new PictureError(failureOf(error, where));
  }
}

/** What a client is told about an error while a picture was read. */
export function failureOf(error: unknown, where: string): PictureFailure {
  if (error instanceof PictureError) return error.failure;
  if (error instanceof TooManyPixelsError)
    return { status: 413, code: 'too_many_pixels', problem: error.problem };
  if (error instanceof InputError)
    return {
      status: 422,
      code: 'damaged_picture',
      problem: { ...error.problem, remedy: 'send it again whole' },
    };
  // A defect of Mien or of a decoder; the text goes to the log, not to the client.
  const problem = { where, received: 'an error inside the server', expected: 'an answer' };
  return { status: 500, code: 'internal_error', problem, detail: messageOf(error) };
}
