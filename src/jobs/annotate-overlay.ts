import { element, rect, text } from '../evaluate/charts/svg.js';
import { textWidth } from '../evaluate/charts/text-width.js';
import type { Box, DetectedFace } from '../faces/face.js';

/** A face with its answer, as it is drawn. */
export interface NamedFace {
  /** Undefined: the whole picture. */
  readonly face: DetectedFace | undefined;
  /** What stands on the plate, e.g. `happy 93 %`. */
  readonly text: string;
}

/** Size of the drawing, pixels, and how many of its pixels one of the picture's became. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly zoom: number;
}

/** Colours that are told apart, by face (Okabe and Ito's palette). */
const COLOURS: readonly string[] = ['#56b4e9', '#e69f00', '#009e73', '#f0e442', '#cc79a7', '#d55e00'];
const PLATE = '#101820';

/** An SVG document to lie over a picture: a box, key points and a plate with words for each face. */
export function overlaySvg(canvas: Canvas, faces: readonly NamedFace[]): string {
  const { width, height } = canvas;
  const parts = faces.map((face, i) => drawFace(canvas, face, COLOURS[i % COLOURS.length] ?? '#ffffff'));
  return element('svg', { xmlns: 'http://www.w3.org/2000/svg', width, height }, ...parts);
}

function drawFace(canvas: Canvas, { face, text: words }: NamedFace, colour: string): string {
  const { width, height, zoom } = canvas;
  const line = Math.max(1.5, Math.min(width, height) / 250);
  const box = face === undefined ? inset(canvas, line / 2) : scaled(face.box, zoom);
  const frame = rect(box.x, box.y, box.width, box.height, {
    fill: 'none',
    stroke: colour,
    'stroke-width': line,
  });
  const dots = (face?.keyPoints ?? []).map(({ x, y }) =>
    element('circle', { cx: x * zoom, cy: y * zoom, r: Math.min(line, box.width / 40), fill: colour }),
  );
  return [frame, ...dots, plate(canvas, box, words, colour)].join('');
}

/** Words on a plate above the box, or inside it where there is no room. */
function plate(canvas: Canvas, box: Box, words: string, colour: string): string {
  const size = Math.min(28, Math.max(9, Math.min(canvas.width, canvas.height) / 32));
  const [width, height] = [textWidth(words, size) + 0.7 * size, 1.4 * size];
  const x = clamp(box.x, 0, canvas.width - width);
  const y = clamp(box.y - height, 0, canvas.height - height);
  return (
    rect(x, y, width, height, { fill: PLATE, 'fill-opacity': 0.75 }) +
    text(x + 0.35 * size, y + 1.02 * size, words, { fill: colour, 'font-size': size })
  );
}

function scaled({ x, y, width, height }: Box, zoom: number): Box {
  return { x: x * zoom, y: y * zoom, width: width * zoom, height: height * zoom };
}

function inset({ width, height }: Canvas, by: number): Box {
  return { x: by, y: by, width: width - 2 * by, height: height - 2 * by };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(Math.max(low, high), value));
}
