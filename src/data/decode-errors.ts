import { InputError } from '../core/errors.js';

/** The error for a picture that cannot be used. */
export function unreadable(where: string, received: string, cause?: unknown): InputError {
  const problem = {
    where,
    received,
    expected: 'a readable JPEG, PNG, WebP or BMP picture',
    remedy: 'replace or remove the file',
  };
  return new InputError(problem, { cause });
}

/** A picture whose header announces more pixels than are allowed. */
export class TooManyPixelsError extends InputError {}

/** Throws when a header announces more than `maxPixels` pixels, before anything of that size is allocated. */
export function checkPixelCount(
  where: string,
  { width, height }: { readonly width: number; readonly height: number },
  maxPixels: number,
): void {
  if (width * height <= maxPixels) return;
  throw new TooManyPixelsError({
    where,
    received: `a picture of ${width}x${height} pixels`,
    expected: `at most ${maxPixels} pixels`,
    remedy: 'shrink the picture first',
  });
}
