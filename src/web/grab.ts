import { InputError } from '../core/errors.js';
import type { PredictRequest } from './messages.js';
import { foreign, PixelReader } from './pixel-reader.js';

/** Whatever shows a picture in a page. */
export type PictureSource =
  | HTMLImageElement
  | HTMLVideoElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageBitmap
  | ImageData
  | VideoFrame
  | Blob;

/** A picture ready for a worker, and what moves there with it. */
export interface Grabbed {
  readonly picture: PredictRequest['picture'];
  readonly transfer: Transferable[];
}

/**
 * Takes a picture at its own size, as it is at this moment; the source stays as it is. An image's EXIF orientation is
 * honoured.
 *
 * @throws InputError where there is no picture yet, or none that the page may see
 */
export async function grab(source: PictureSource): Promise<Grabbed> {
  if (isImageData(source)) return pixelsOf(source.width, source.height, source.data.slice());
  await checkReady(source);
  const bitmap = await createImageBitmap(source).catch((error: unknown) => {
    throw unreadable(source, error);
  });
  if (typeof OffscreenCanvas !== 'undefined') return { picture: bitmap, transfer: [bitmap] };
  // Workers of older browsers have no canvas.
  const { width, height, data } = new PixelReader().read(bitmap);
  return pixelsOf(width, height, data);
}

function pixelsOf(width: number, height: number, data: Uint8ClampedArray): Grabbed {
  const own = data as Uint8ClampedArray<ArrayBuffer>;
  return { picture: { width, height, data: own }, transfer: [own.buffer] };
}

function isImageData(source: PictureSource): source is ImageData {
  return 'data' in source;
}

async function checkReady(source: Exclude<PictureSource, ImageData>): Promise<void> {
  if ('decode' in source) {
    await source.decode().catch((error: unknown) => {
      throw notReady(`an image that does not load (${source.src.slice(0, 100)})`, 'a loaded image', error);
    });
  } else if ('videoWidth' in source) {
    if (source.readyState < 2 || source.videoWidth === 0)
      throw notReady('a video without a frame yet', 'one whose loadeddata event has come');
  } else if ('width' in source && (source.width === 0 || source.height === 0)) {
    throw notReady(`a picture of ${source.width}×${source.height} pixels`, 'at least one pixel');
  }
}

function unreadable(source: PictureSource, error: unknown): InputError {
  if (error instanceof DOMException && error.name === 'SecurityError') return foreign(error);
  const what = source instanceof Blob ? 'a file' : 'a picture';
  return notReady(`${what} that does not decode`, 'a picture that the browser can show', error);
}

function notReady(received: string, expected: string, cause?: unknown): InputError {
  return new InputError({ where: 'predict', received, expected }, { cause });
}
