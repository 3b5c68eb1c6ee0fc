import type { Box } from '../detector.js';
import type { Frame } from '../frame.js';
import type { TrackedFace } from '../tracker.js';
import { Glyphs } from './glyphs.js';

type Rgb = readonly [number, number, number];

/** Colours that are told apart, by track (Okabe and Ito's palette). */
const COLOURS: readonly Rgb[] = [
  [86, 180, 233],
  [230, 159, 0],
  [0, 158, 115],
  [240, 228, 66],
  [204, 121, 167],
  [213, 94, 0],
];
const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];

/** Draws boxes, key points and answers into frames. */
export class Annotator {
  private glyphs: Glyphs | undefined;

  constructor(private readonly classes: readonly string[]) {}

  /** Draws into the frame's own pixels. */
  draw(frame: Frame, faces: readonly TrackedFace[]): void {
    for (const face of faces) this.drawFace(frame, face);
  }

  private drawFace(frame: Frame, face: TrackedFace): void {
    const colour = COLOURS[(face.track - 1) % COLOURS.length] ?? WHITE;
    const line = Math.max(1, Math.round(Math.min(frame.width, frame.height) / 240));
    outline(frame, face.box, line, colour);
    for (const { x, y } of face.keyPoints) {
      fill(frame, { x: x - line, y: y - line, width: 2 * line + 1, height: 2 * line + 1 }, colour);
    }
    const share = Math.round((face.smoothed[face.shown] ?? 0) * 100);
    this.label(frame, face.box, `${this.classes[face.shown] ?? ''} ${share} %`, colour);
  }

  /** On a plate above the box, or inside where there is no room. */
  private label(frame: Frame, box: Box, text: string, colour: Rgb): void {
    const glyphs = (this.glyphs ??= new Glyphs(letterSize(frame)));
    const characters = Array.from(text);
    const width = characters.length * glyphs.advance + 6;
    const height = glyphs.height;
    const left = clamp(Math.round(box.x), 0, frame.width - width);
    const above = Math.round(box.y) - height;
    const top = above >= 0 ? above : Math.max(0, Math.round(box.y));
    fill(frame, { x: left, y: top, width, height }, BLACK, 0.65);
    characters.forEach((character, i) => {
      const { coverage, width: w, height: h } = glyphs.of(character);
      const x = left + 3 + i * glyphs.advance;
      for (let row = 0; row < h; row++) {
        for (let column = 0; column < w; column++) {
          const share = (coverage[row * w + column] ?? 0) / 255;
          if (share > 0) blend(frame, x + column, top + row, colour, share);
        }
      }
    });
  }
}

/** Readable, and small enough for two words above a small face. */
function letterSize({ width, height }: Frame): number {
  return clamp(Math.round(Math.min(width, height) / 28), 10, 40);
}

function outline(frame: Frame, { x, y, width, height }: Box, line: number, colour: Rgb): void {
  fill(frame, { x, y, width, height: line }, colour);
  fill(frame, { x, y: y + height - line, width, height: line }, colour);
  fill(frame, { x, y, width: line, height }, colour);
  fill(frame, { x: x + width - line, y, width: line, height }, colour);
}

function fill(frame: Frame, { x, y, width, height }: Box, colour: Rgb, share = 1): void {
  const [left, top] = [Math.max(0, Math.round(x)), Math.max(0, Math.round(y))];
  const right = Math.min(frame.width, Math.round(x + width));
  const bottom = Math.min(frame.height, Math.round(y + height));
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) blend(frame, column, row, colour, share);
  }
}

function blend({ pixels, width, height }: Frame, x: number, y: number, colour: Rgb, share: number): void {
  if (x < 0 || y < 0 || x >= width || y >= height) return;
  const at = 3 * (y * width + x);
  for (let channel = 0; channel < 3; channel++) {
    const below = pixels[at + channel] ?? 0;
    pixels[at + channel] = Math.round(below + share * ((colour[channel] ?? 0) - below));
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
