import { InputError } from '../core/errors.js';
import type { RgbaPixels } from './messages.js';

/** What a canvas of any thread can do here. */
type AnyCanvas = OffscreenCanvas | HTMLCanvasElement;

/** Reads the pixels of pictures at their own size through one canvas, which never resizes them. */
export class PixelReader {
  private canvas: AnyCanvas | undefined;

  /** Pixels of a picture; a bitmap is closed. @throws InputError where the browser withholds them */
  read(picture: ImageBitmap | RgbaPixels): RgbaPixels {
    if ('data' in picture) return picture;
    try {
      const { width, height } = picture;
      return this.draw(picture, width, height);
    } finally {
      picture.close();
    }
  }

  /** Draws anything drawable and reads it back. */
  draw(source: CanvasImageSource, width: number, height: number): RgbaPixels {
    const context = this.context(width, height);
    context.drawImage(source, 0, 0);
    try {
      return context.getImageData(0, 0, width, height);
    } catch (error) {
      throw foreign(error);
    }
  }

  private context(
    width: number,
    height: number,
  ): OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D {
    this.canvas ??= newCanvas();
    // Setting a size clears the canvas, too.
    this.canvas.width = width;
    this.canvas.height = height;
    const context = this.canvas.getContext('2d', { willReadFrequently: true });
    if (context !== null) return context as CanvasRenderingContext2D;
    throw new InputError({
      where: 'predict',
      received: `a picture of ${width}×${height} pixels, for which the browser has no canvas`,
      expected: 'a smaller one',
    });
  }
}

function newCanvas(): AnyCanvas {
  return typeof OffscreenCanvas === 'undefined'
    ? document.createElement('canvas')
    : new OffscreenCanvas(1, 1);
}

/** The error for pictures whose pixels a page may not see. */
export function foreign(cause: unknown): InputError {
  return new InputError(
    {
      where: 'predict',
      received: 'a picture from another site, whose pixels the browser withholds',
      expected: 'one of this site',
      remedy: 'have it served with CORS headers and load it with crossorigin="anonymous"',
    },
    { cause },
  );
}
