import { createRequire } from 'node:module';

import { Resvg } from '@resvg/resvg-js';

import { colours, fontFamily } from './theme.js';

/**
 * Draws an SVG document as a PNG file, twice as many pixels as user units by default.
 * Only the fonts that come with the package are used, so every machine draws the same picture.
 *
 * @example
 * writeFileAtomic('confusion_matrix.png', renderPng(confusionMatrixChart(evaluation)));
 */
export function renderPng(svg: string, zoom = 2): Uint8Array {
  const picture = new Resvg(svg, {
    background: colours.background,
    fitTo: { mode: 'zoom', value: zoom },
    font: { loadSystemFonts: false, fontFiles: fontFiles(), defaultFontFamily: fontFamily },
  });
  return picture.render().asPng();
}

/** The fonts that come with the package. */
export function fontFiles(): string[] {
  const { resolve } = createRequire(import.meta.url);
  return ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) => resolve(`dejavu-fonts-ttf/ttf/${name}`));
}
