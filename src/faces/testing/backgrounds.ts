import type { Random } from '../../core/random.js';
import type { Picture } from '../../data/images.js';

type Rgb = readonly [number, number, number];
/** Colour of a place, both coordinates in 0..1 of the longer side. */
type Shade = (x: number, y: number) => Rgb;

/** Kinds of backgrounds that hold no face. */
export const BACKGROUNDS = ['plain', 'gradient', 'stripes', 'clouds', 'shapes', 'squares'] as const;

/** Draws a background, RGB, with a little noise as a camera has. */
export function drawBackground(width: number, height: number, random: Random): Picture {
  const kind = BACKGROUNDS[random.integer(BACKGROUNDS.length)] ?? 'plain';
  const shade = SHADES[kind](random);
  const noise = random.between(0, 12);
  const pixels = new Uint8ClampedArray(width * height * 3);
  const scale = Math.max(width, height);
  const grain = new Float32Array(4096);
  random.fill(grain);
  for (let i = 0; i < width * height; i++) {
    const colour = shade((i % width) / scale, Math.floor(i / width) / scale);
    const shift = ((grain[(i * 2654435761) & 4095] ?? 0) - 0.5) * noise;
    for (let channel = 0; channel < 3; channel++) pixels[3 * i + channel] = (colour[channel] ?? 0) + shift;
  }
  return { width, height, channels: 3, pixels: new Uint8Array(pixels.buffer) };
}

const SHADES: Readonly<Record<(typeof BACKGROUNDS)[number], (random: Random) => Shade>> = {
  plain(random) {
    const colour = colourOf(random);
    return () => colour;
  },
  gradient(random) {
    const [from, to] = [colourOf(random), colourOf(random)];
    const angle = random.between(0, 2 * Math.PI);
    return (x, y) => mix(from, to, 0.5 + (Math.cos(angle) * (x - 0.5) + Math.sin(angle) * (y - 0.5)) / 1.4);
  },
  stripes(random) {
    const [from, to] = [colourOf(random), colourOf(random)];
    const [a, b] = [random.between(-60, 60), random.between(-60, 60)];
    return (x, y) => (Math.sin(a * x + b * y) > 0 ? from : to);
  },
  clouds(random) {
    const [from, to] = [colourOf(random), colourOf(random)];
    const waves = Array.from({ length: 8 }, (_, i) => {
      const size = 3 * 1.7 ** i;
      return [random.between(-size, size), random.between(-size, size), random.between(0, 7), 1 / (1 + i)];
    });
    const height = (x: number, y: number) =>
      waves.reduce(
        (sum, [a = 0, b = 0, phase = 0, size = 0]) => sum + size * Math.sin(a * x + b * y + phase),
        0,
      );
    return (x, y) => mix(from, to, 0.5 + height(x, y) / 4);
  },
  shapes(random) {
    const ground = colourOf(random);
    const shapes = Array.from({ length: 25 }, () => {
      const size = random.between(0.02, 0.2);
      return {
        x: random.uniform(),
        y: random.uniform(),
        a: size,
        b: size * random.between(0.3, 3),
        fill: colourOf(random),
      };
    });
    return (x, y) =>
      shapes.findLast((s) => ((x - s.x) / s.a) ** 2 + ((y - s.y) / s.b) ** 2 < 1)?.fill ?? ground;
  },
  squares(random) {
    const colours = Array.from({ length: 37 }, () => colourOf(random));
    const size = random.between(0.02, 0.15);
    return (x, y) => colours[(Math.floor(x / size) * 7 + Math.floor(y / size) * 11) % 37] ?? [0, 0, 0];
  },
};

function colourOf(random: Random): Rgb {
  return [random.between(0, 255), random.between(0, 255), random.between(0, 255)];
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const part = Math.min(1, Math.max(0, share));
  const at = (i: 0 | 1 | 2) => from[i] + part * (to[i] - from[i]);
  return [at(0), at(1), at(2)];
}
