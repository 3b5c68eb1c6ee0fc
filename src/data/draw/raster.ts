/** A point in face units or pixels: x to the right, y down. */
export type Point = readonly [x: number, y: number];

/** Grey of a filled area: a constant in 0..1, or a function of the position in pixels. */
export type Shade = number | ((x: number, y: number) => number);

/** Samples per pixel and axis. */
const OVERSAMPLING = 3;

/**
 * A square grey canvas in 0..1, sampled 3×3 per pixel; coordinates are in pixels, the origin is the top left
 * corner of the first pixel.
 */
export class Canvas {
  readonly size: number;
  /** Samples, row-major, `(size · 3)²`. */
  readonly samples: Float32Array;
  private readonly side: number;

  constructor(size: number, background: number) {
    this.size = size;
    this.side = size * OVERSAMPLING;
    this.samples = new Float32Array(this.side * this.side).fill(background);
  }

  /** Paints a polygon (even-odd rule); `opacity` in 0..1 blends with what is below. */
  fill(polygon: readonly Point[], shade: Shade, opacity = 1): void {
    const { top, rows } = crossingsOf(polygon, this.side);
    rows.forEach((crossings, offset) => {
      crossings.sort((a, b) => a - b);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        this.span(top + offset, crossings[i] ?? 0, crossings[i + 1] ?? 0, shade, opacity);
      }
    });
  }

  private span(row: number, left: number, right: number, shade: Shade, opacity: number): void {
    const first = Math.max(0, Math.ceil(left - 0.5));
    const last = Math.min(this.side - 1, Math.floor(right - 0.5));
    const y = (row + 0.5) / OVERSAMPLING;
    for (let column = first; column <= last; column++) {
      const grey = typeof shade === 'number' ? shade : shade((column + 0.5) / OVERSAMPLING, y);
      const index = row * this.side + column;
      const below = this.samples[index] ?? 0;
      this.samples[index] = below + opacity * (grey - below);
    }
  }

  /** Paints a line through `points` whose half width at each point is `radii[i]`. */
  stroke(points: readonly Point[], radii: readonly number[], shade: Shade, opacity = 1): void {
    const left: Point[] = [];
    const right: Point[] = [];
    points.forEach(([x, y], i) => {
      const [ax, ay] = points[Math.max(0, i - 1)] ?? [x, y];
      const [bx, by] = points[Math.min(points.length - 1, i + 1)] ?? [x, y];
      const length = Math.hypot(bx - ax, by - ay);
      const radius = length === 0 ? 0 : (radii[i] ?? 0) / length;
      left.push([x - (by - ay) * radius, y + (bx - ax) * radius]);
      right.unshift([x + (by - ay) * radius, y - (bx - ax) * radius]);
    });
    this.fill([...left, ...right], shade, opacity);
  }

  /** Multiplies the grey around `center` by `1 + amount · exp(−d²/2)`, d in units of the two radii (pixels). */
  glow([cx, cy]: Point, rx: number, ry: number, amount: number): void {
    const across = this.bell(cx, rx);
    const down = this.bell(cy, ry);
    for (let row = down.first; row <= down.last; row++) {
      const strength = amount * (down.values[row - down.first] ?? 0);
      for (let column = across.first; column <= across.last; column++) {
        const index = row * this.side + column;
        const factor = 1 + strength * (across.values[column - across.first] ?? 0);
        this.samples[index] = (this.samples[index] ?? 0) * factor;
      }
    }
  }

  /** `exp(−d²/2)` along one axis, for the samples up to 2.5 radii from the centre. */
  private bell(center: number, radius: number): { first: number; last: number; values: number[] } {
    const clamp = (v: number) => Math.min(this.side - 1, Math.max(0, Math.round(v * OVERSAMPLING)));
    const [first, last] = [clamp(center - 2.5 * radius), clamp(center + 2.5 * radius)];
    const values = Array.from({ length: last - first + 1 }, (_, i) => {
      const distance = ((first + i + 0.5) / OVERSAMPLING - center) / radius;
      return Math.exp(-(distance * distance) / 2);
    });
    return { first, last, values };
  }

  /** The mean of each pixel's samples: grey in 0..1, row-major, `size²`. */
  pixels(): Float32Array {
    const { size, side, samples } = this;
    const pixels = new Float32Array(size * size);
    for (let row = 0; row < side; row++) {
      const start = Math.floor(row / OVERSAMPLING) * size;
      for (let column = 0; column < side; column++) {
        const index = start + Math.floor(column / OVERSAMPLING);
        pixels[index] = (pixels[index] ?? 0) + (samples[row * side + column] ?? 0) / OVERSAMPLING ** 2;
      }
    }
    return pixels;
  }
}

/** For each row of samples inside the canvas, the sample columns at which the polygon's edges cross its middle. */
function crossingsOf(polygon: readonly Point[], side: number): { top: number; rows: number[][] } {
  const ys = polygon.map(([, y]) => y * OVERSAMPLING - 0.5);
  const top = Math.max(0, Math.ceil(Math.min(...ys)));
  const bottom = Math.min(side - 1, Math.floor(Math.max(...ys)));
  const rows = Array.from({ length: Math.max(0, bottom - top + 1) }, (): number[] => []);
  polygon.forEach(([bx], i) => {
    const previous = i === 0 ? polygon.length - 1 : i - 1;
    const [ay, by, ax] = [ys[previous] ?? 0, ys[i] ?? 0, polygon[previous]?.[0] ?? 0];
    // Half-open from the upper end, so that a corner on a row counts once.
    const last = Math.min(bottom, Math.ceil(Math.max(ay, by)) - 1);
    for (let row = Math.max(top, Math.ceil(Math.min(ay, by))); row <= last; row++) {
      rows[row - top]?.push(OVERSAMPLING * (ax + ((row - ay) / (by - ay)) * (bx - ax)));
    }
  });
  return { top, rows };
}

/**
 * A smooth line through `points` (uniform Catmull–Rom, Computer Aided Geometric Design 1974).
 * A closed one returns to its first point.
 */
export function smooth(points: readonly Point[], closed = false, steps = 6): Point[] {
  const count = points.length;
  const pick = (i: number): Point => {
    const index = closed ? (i + count) % count : Math.min(count - 1, Math.max(0, i));
    return points[index] ?? [0, 0];
  };
  const line: Point[] = [];
  for (let i = 0; i < (closed ? count : count - 1); i++) {
    for (let step = 0; step < steps; step++) {
      const t = step / steps;
      line.push([
        catmullRom(pick(i - 1)[0], pick(i)[0], pick(i + 1)[0], pick(i + 2)[0], t),
        catmullRom(pick(i - 1)[1], pick(i)[1], pick(i + 1)[1], pick(i + 2)[1], t),
      ]);
    }
  }
  return closed ? line : [...line, pick(count - 1)];
}

function catmullRom(a: number, b: number, c: number, d: number, t: number): number {
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/** Points of `y = f(u)` with x = cx + u · halfWidth, u from −1 to 1, closer to each other at the ends. */
export function graph(cx: number, halfWidth: number, f: (u: number) => number, steps = 16): Point[] {
  return Array.from({ length: steps + 1 }, (_, i): Point => {
    const u = -Math.cos((Math.PI * i) / steps);
    return [cx + u * halfWidth, f(u)];
  });
}

/** The outline of an ellipse. */
export function ellipse([cx, cy]: Point, rx: number, ry: number, steps = 20): Point[] {
  return Array.from({ length: steps }, (_, i): Point => {
    const angle = (2 * Math.PI * i) / steps;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  });
}
