import type { Random } from '../../core/random.js';
import { Brush } from './brush.js';
import { paintBrow, paintEye, paintForehead, paintGlasses } from './eyes.js';
import type { Face, Scene } from './face.js';
import { paintBeard, paintBehind, paintHair, paintHead, paintNose } from './head.js';
import { paintMouth } from './mouth.js';
import { Canvas } from './raster.js';

/** Side of a drawn face in pixels, FER2013's. */
export const FACE_SIZE = 48;

/**
 * Draws a face: uint8 `[row, column]`, 48×48, 0..255.
 *
 * @param random draws the sensor's noise only.
 *
 * @example
 * const random = createRandom(1);
 * const pixels = renderFace(randomFace('happy', random), random.fork('noise'));
 */
export function renderFace(face: Face, random: Random): Uint8Array {
  const canvas = new Canvas(FACE_SIZE, face.scene.background);
  paintFace(new Brush(canvas, face.pose), face);
  const lit = light(canvas.pixels(), face.scene);
  return develop(blur(lit, face.scene.blur), face.scene, random);
}

function paintFace(brush: Brush, face: Face): void {
  paintBehind(brush, face);
  paintHead(brush, face);
  paintForehead(brush, face);
  paintBeard(brush, face);
  paintNose(brush, face);
  paintMouth(brush, face);
  for (const side of [-1, 1] as const) paintEye(brush, face, side);
  for (const side of [-1, 1] as const) paintBrow(brush, face, side);
  paintHair(brush, face);
  paintGlasses(brush, face);
}

/** A linear gradient across the frame, brighter towards the light. */
function light(pixels: Float32Array, { light: [x, y] }: Scene): Float32Array {
  const half = FACE_SIZE / 2;
  return pixels.map((grey, i) => {
    const column = (i % FACE_SIZE) - half;
    const row = Math.floor(i / FACE_SIZE) - half;
    return grey * (1 + (x * column + y * row) / half);
  });
}

/** Separable Gaussian blur with a 5-tap kernel, the frame's edge repeated. */
function blur(pixels: Float32Array, sigma: number): Float32Array {
  const weights = [-2, -1, 0, 1, 2].map((offset) => Math.exp(-((offset / sigma) ** 2) / 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const kernel = weights.map((weight) => weight / total);
  return blurAlong(blurAlong(pixels, kernel, 1), kernel, FACE_SIZE);
}

function blurAlong(pixels: Float32Array, kernel: readonly number[], stride: number): Float32Array {
  return pixels.map((_, i) => {
    const position = Math.floor(i / stride) % FACE_SIZE;
    return kernel.reduce((sum, weight, tap) => {
      const moved = Math.min(FACE_SIZE - 1, Math.max(0, position + tap - 2)) - position;
      return sum + weight * (pixels[i + moved * stride] ?? 0);
    }, 0);
  });
}

/** Contrast around mid grey, brightness, noise, and rounding to bytes. */
function develop(pixels: Float32Array, scene: Scene, random: Random): Uint8Array {
  return Uint8Array.from(pixels, (grey) => {
    const exposed = 0.5 + scene.contrast * (grey - 0.5) + scene.brightness + scene.noise * random.normal();
    return Math.round(255 * Math.min(1, Math.max(0, exposed)));
  });
}
