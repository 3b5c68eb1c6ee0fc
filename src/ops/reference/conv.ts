import type { ConvGeometry } from '../conv-geometry.js';
import { forEachIndex } from './ndarray.js';

/** Flat positions that take part in one multiplication: `y[out] += x[input] · w[weight]`. */
export type Tap = (out: number, input: number, weight: number) => void;

/**
 * Visits every multiplication of a convolution; forward, input gradient and weight gradient are the
 * same visit with different accumulations.
 */
export function forEachTap(g: ConvGeometry, visit: Tap): void {
  const cg = g.c / g.group;
  const kg = g.k / g.group;
  forEachIndex([g.n, g.k, g.ho, g.wo], ([n = 0, k = 0, oy = 0, ox = 0], out) => {
    forEachIndex([cg, g.kh, g.kw], ([c = 0, ky = 0, kx = 0], tap) => {
      const y = oy * g.sh - g.top + ky * g.dh;
      const x = ox * g.sw - g.left + kx * g.dw;
      if (y < 0 || y >= g.h || x < 0 || x >= g.w) return;
      const channel = Math.floor(k / kg) * cg + c;
      visit(out, ((n * g.c + channel) * g.h + y) * g.w + x, k * cg * g.kh * g.kw + tap);
    });
  });
}
