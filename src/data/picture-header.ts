/** What the first bytes of a picture file say, read without a decoder. */
export interface PictureHeader {
  readonly format: PictureFormatName;
  /** In pixels, before the EXIF orientation; 0 where the header is damaged. */
  readonly width: number;
  readonly height: number;
  /** Colour components of a JPEG: 1 grey, 3 colour, 4 for print; undefined for other formats. */
  readonly components?: number;
}

/** Formats that are read. */
export type PictureFormatName = 'jpeg' | 'png' | 'webp' | 'bmp';

/**
 * Format and size of a picture from its header alone, so that a picture of too many pixels is refused before
 * anything of that size is allocated. Undefined when the bytes are of no format that is read.
 *
 * Layouts: ISO/IEC 10918-1 (JPEG), PNG 1.2, RFC 9649 (WebP), BITMAPINFOHEADER (BMP).
 *
 * @example readPictureHeader(bytes); // { format: 'png', width: 48, height: 48 }
 */
export function readPictureHeader(bytes: Uint8Array): PictureHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = formatOf(bytes, view);
  if (format === undefined) return undefined;
  return { format, ...(READERS[format](view) ?? { width: 0, height: 0 }) };
}

type Size = Pick<PictureHeader, 'width' | 'height' | 'components'>;

const READERS: Readonly<Record<PictureFormatName, (view: DataView) => Size | undefined>> = {
  jpeg: jpegSize,
  png: pngSize,
  webp: webpSize,
  bmp: bmpSize,
};

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

function formatOf(bytes: Uint8Array, view: DataView): PictureFormatName | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg';
  if (PNG_SIGNATURE.every((value, i) => bytes[i] === value)) return 'png';
  if (tag(view, 0) === 'RIFF' && tag(view, 8) === 'WEBP') return 'webp';
  return bytes[0] === 0x42 && bytes[1] === 0x4d ? 'bmp' : undefined;
}

function tag(view: DataView, offset: number): string {
  if (offset + 4 > view.byteLength) return '';
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(offset + i)));
}

function pngSize(view: DataView): Size | undefined {
  if (view.byteLength < 24 || tag(view, 12) !== 'IHDR') return undefined;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** Walks from marker to marker up to the frame header (SOF), which has the size. */
function jpegSize(view: DataView): Size | undefined {
  let offset = 2;
  while (offset + 10 <= view.byteLength) {
    if (view.getUint8(offset) !== 0xff) return undefined;
    const marker = view.getUint8(offset + 1);
    if (isFrame(marker)) return frameSize(view, offset);
    // 0xff bytes may pad before a marker; the markers below have no length.
    if (marker === 0xff) offset += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) offset += 2;
    else offset += 2 + view.getUint16(offset + 2);
  }
  return undefined;
}

/** Marker, length, precision, height, width, number of components. */
function frameSize(view: DataView, offset: number): Size {
  const [height, width] = [view.getUint16(offset + 5), view.getUint16(offset + 7)];
  return { height, width, components: view.getUint8(offset + 9) };
}

/** SOF0 to SOF15, less the three codes among them that mean something else (DHT, JPG, DAC). */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function webpSize(view: DataView): Size | undefined {
  if (view.byteLength < 30) return undefined;
  const kind = tag(view, 12);
  if (kind === 'VP8X') return { width: 1 + uint24(view, 24), height: 1 + uint24(view, 27) };
  if (kind === 'VP8L') {
    const bits = view.getUint32(21, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
  }
  if (kind !== 'VP8 ') return undefined;
  return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}

function uint24(view: DataView, offset: number): number {
  return view.getUint16(offset, true) + 65536 * view.getUint8(offset + 2);
}

function bmpSize(view: DataView): Size | undefined {
  if (view.byteLength < 26) return undefined;
  return { width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) };
}
