import { join } from 'node:path';

import { writeFileAtomic } from '../core/files.js';
import { imageAt, type ImageSet } from '../data/images.js';
import { renderPng } from '../evaluate/charts/render.js';
import { worstSheet } from '../evaluate/charts/worst-sheet.js';
import type { WorstAnswers } from '../evaluate/worst/worst.js';
import { thumbnail } from './thumbnail.js';

/** Writes worst.json and worst.png, a sheet of the pictures, into a folder. @throws InputError when it cannot */
export async function writeWorst(folder: string, worst: WorstAnswers, images: ImageSet): Promise<void> {
  const place = new Map(images.names.map((name, image) => [name, image]));
  const pictures = new Map<string, string>();
  for (const { file } of worst.answers) {
    const image = place.get(file);
    if (image !== undefined) pictures.set(file, await thumbnail(imageAt(images, image)));
  }
  writeFileAtomic(join(folder, 'worst.json'), `${JSON.stringify(worst, null, 2)}\n`);
  writeFileAtomic(join(folder, 'worst.png'), renderPng(worstSheet(worst, pictures)));
}
