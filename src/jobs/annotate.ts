import { readFile } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { basename, extname, join, relative } from 'node:path';

import { Resvg } from '@resvg/resvg-js';
import sharp from 'sharp';

import { writeFileAtomic } from '../core/files.js';
import { decodeImage } from '../data/decode.js';
import type { Picture } from '../data/images.js';
import { fontFiles } from '../evaluate/charts/render.js';
import { fontFamily } from '../evaluate/charts/theme.js';
import { overlaySvg, type NamedFace } from './annotate-overlay.js';
import type { Prediction, PredictionRow } from './predict-job.js';

/** Pictures with a longer side below are enlarged by a whole number, so that the words can be read. */
const LEGIBLE = 320;

/** What {@link annotatePredictions} is told. */
export interface AnnotateOptions {
  /** Folder for the pictures with boxes; folders below are those of the pictures. */
  readonly out: string;
  /** What was given to the prediction: names in `out` are relative to these. */
  readonly paths: readonly string[];
}

/**
 * Passes rows of a prediction on and draws the faces of each picture with their answers into a copy of it, once all
 * faces of the picture have come. Pictures that cannot be read are left out.
 *
 * @throws InputError when a copy cannot be written
 * @example
 * const rows = predictFiles({ model: 'mien', paths, runtime: ortNode() });
 * for await (const row of annotatePredictions(rows, { out: 'annotated', paths })) console.log(row.file);
 */
export async function* annotatePredictions(
  rows: AsyncIterable<PredictionRow>,
  options: AnnotateOptions,
): AsyncGenerator<PredictionRow, void, undefined> {
  const names = new OutputNames(options);
  let faces: Prediction[] = [];
  const finish = async () => {
    const [first] = faces;
    if (first !== undefined) await annotateFile(first.file, faces, names.of(first.file));
    faces = [];
  };
  for await (const row of rows) {
    if (row.file !== faces[0]?.file) await finish();
    if ('class' in row) faces.push(row);
    else if ('faces' in row) await annotateFile(row.file, [], names.of(row.file));
    yield row;
  }
  await finish();
}

async function annotateFile(file: string, rows: readonly Prediction[], out: string): Promise<void> {
  const picture = await decodeImage(await readFile(file), file);
  writeFileAtomic(out, await annotatePicture(picture, rows, extname(out)));
}

/** A picture with faces drawn in, as a file of the kind that an ending names. */
async function annotatePicture(
  picture: Picture,
  rows: readonly Prediction[],
  ending: string,
): Promise<Uint8Array> {
  const zoom = Math.max(1, Math.ceil(LEGIBLE / Math.max(picture.width, picture.height)));
  const [width, height] = [picture.width * zoom, picture.height * zoom];
  const { channels } = picture;
  const overlay = new Resvg(overlaySvg({ width, height, zoom }, rows.map(named)), {
    font: { loadSystemFonts: false, fontFiles: fontFiles(), defaultFontFamily: fontFamily },
  }).render();
  const raw = { width: picture.width, height: picture.height, channels };
  const enlarged = sharp(picture.pixels, { raw })
    .resize(width, height, { kernel: 'cubic' })
    .toColourspace('srgb');
  const drawn = enlarged.composite([{ input: overlay.asPng() }]);
  if (ending === '.png') return drawn.png().toBuffer();
  return ending === '.webp' ? drawn.webp({ quality: 90 }).toBuffer() : drawn.jpeg({ quality: 92 }).toBuffer();
}

function named({ face, class: name, probabilities }: Prediction): NamedFace {
  return { face, text: `${name} ${Math.round((probabilities[name] ?? 0) * 100)} %` };
}

/** Where annotated copies go: the same folders below, no two to the same file. */
class OutputNames {
  private readonly used = new Set<string>();

  constructor(private readonly options: AnnotateOptions) {}

  of(file: string): string {
    const { out, paths } = this.options;
    const folder = paths.find((path) => isBelow(file, path) && statSync(path).isDirectory());
    const name = folder === undefined ? basename(file) : relative(folder, file);
    const ending = extname(name);
    const stem = name.slice(0, name.length - ending.length);
    // BMP is read but not written.
    const written = ['.png', '.webp', '.jpg', '.jpeg'].includes(ending.toLowerCase())
      ? ending.toLowerCase()
      : '.png';
    let path = join(out, `${stem}${written}`);
    for (let i = 2; this.used.has(path); i++) path = join(out, `${stem}-${i}${written}`);
    this.used.add(path);
    return path;
  }
}

function isBelow(file: string, folder: string): boolean {
  const inside = relative(folder, file);
  return inside !== '' && !inside.startsWith('..');
}
