import sharp from 'sharp';

import type { Picture } from '../data/images.js';

/** A picture of at most 96 × 96 pixels as the `data:` address of a JPEG file, for pages and sheets. */
export async function thumbnail({ pixels, ...raw }: Picture): Promise<string> {
  const jpeg = await sharp(pixels, { raw })
    .toColourspace(raw.channels === 1 ? 'b-w' : 'srgb')
    .resize({ width: 96, height: 96, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 85 })
    .toBuffer();
  return `data:image/jpeg;base64,${jpeg.toString('base64')}`;
}
