import { createRequire } from 'node:module';

import { Resvg } from '@resvg/resvg-js';

/** One character as coverage 0..255, `[row, column]`. */
export interface Glyph {
  readonly width: number;
  readonly height: number;
  readonly coverage: Uint8Array;
}

/** Characters that are kept; class names and figures need a few dozen. */
const MOST = 500;

/** Draws characters of one size with the font that comes with the package, each one once. */
export class Glyphs {
  private readonly drawn = new Map<string, Glyph>();
  private readonly fontFile = createRequire(import.meta.url).resolve(
    'dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf',
  );

  /** @param size of the letters, pixels */
  constructor(private readonly size: number) {}

  /** Width of every character: the font is monospaced. */
  get advance(): number {
    return Math.round(this.size * 0.602);
  }

  get height(): number {
    return Math.round(this.size * 1.25);
  }

  of(character: string): Glyph {
    const known = this.drawn.get(character);
    if (known !== undefined) return known;
    if (this.drawn.size >= MOST) this.drawn.clear();
    const glyph = this.draw(character);
    this.drawn.set(character, glyph);
    return glyph;
  }

  private draw(character: string): Glyph {
    const { advance: width, height, size } = this;
    const escaped = `&#${character.codePointAt(0) ?? 32};`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
      <text x="0" y="${size}" font-size="${size}" font-family="DejaVu Sans Mono" fill="#fff">${escaped}</text></svg>`;
    const picture = new Resvg(svg, {
      font: { loadSystemFonts: false, fontFiles: [this.fontFile], defaultFontFamily: 'DejaVu Sans Mono' },
    }).render();
    const { pixels } = picture;
    const coverage = Uint8Array.from({ length: width * height }, (_, i) => pixels[4 * i + 3] ?? 0);
    return { width, height, coverage };
  }
}
