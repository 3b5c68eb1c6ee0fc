import type { Picture } from './images.js';

/**
 * Brings a picture to one or three channels: grey is copied to three; colour becomes luma by Rec. 601,
 * 0.299 R + 0.587 G + 0.114 B, rounded. A picture that has them already is returned as it is.
 */
export function toColour(picture: Picture, colour: 'grey' | 'rgb'): Picture {
  const channels = colour === 'grey' ? 1 : 3;
  if (picture.channels === channels) return picture;
  const { height, width, pixels } = picture;
  return { height, width, channels, pixels: channels === 1 ? toGrey(pixels, 3) : toRgb(pixels) };
}

/**
 * A canvas's pixels as a picture; transparency is dropped.
 * @param rgba `[row, column, RGBA]`, uint8
 */
export function fromRgba(
  {
    width,
    height,
    data,
  }: Pick<Picture, 'width' | 'height'> & { readonly data: Uint8Array | Uint8ClampedArray },
  colour: 'grey' | 'rgb',
): Picture {
  if (colour === 'grey') return { height, width, channels: 1, pixels: toGrey(data, 4) };
  const pixels = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < pixels.length; from += 4, to += 3) {
    pixels[to] = data[from] ?? 0;
    pixels[to + 1] = data[from + 1] ?? 0;
    pixels[to + 2] = data[from + 2] ?? 0;
  }
  return { height, width, channels: 3, pixels };
}

/** Luma of pixels whose first three of `step` values are red, green and blue. */
function toGrey(pixels: Uint8Array | Uint8ClampedArray, step: 3 | 4): Uint8Array {
  const grey = new Uint8Array(Math.floor(pixels.length / step));
  for (let to = 0, from = 0; to < grey.length; to++, from += step) {
    const [red = 0, green = 0, blue = 0] = [pixels[from], pixels[from + 1], pixels[from + 2]];
    grey[to] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
  }
  return grey;
}

function toRgb(grey: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(grey.length * 3);
  grey.forEach((value, i) => rgb.fill(value, 3 * i, 3 * i + 3));
  return rgb;
}
