import type { Expression } from './actions.js';
import type { Brush } from './brush.js';
import type { Face } from './face.js';
import { ellipse, graph, smooth, type Point } from './raster.js';

const MOUTH_Y = 10.5;

/** The lips' four lines over u = −1..1 (left to right corner), in face units. */
export interface Mouth {
  readonly halfWidth: number;
  readonly upperOuter: (u: number) => number;
  readonly upperInner: (u: number) => number;
  readonly lowerInner: (u: number) => number;
  readonly lowerOuter: (u: number) => number;
}

/** How far the jaw's drop lowers the chin, in face units. */
export function chinDrop({ expression }: Face): number {
  return 3.4 * expression.jawDrop - 0.5 * expression.chinRaise;
}

/** The geometry of the mouth. Corners follow AU12, 15, 20; the opening follows AU10, 16, 25, 26, 27. */
export function mouthOf({ identity, expression, asymmetry }: Face): Mouth {
  const e = expression;
  const cornerY = (side: number) =>
    2 * e.jawDrop + (2.3 * e.cornerDepress - 2.9 * e.cornerPull) * (1 + side * asymmetry);
  const wide = 2.3 * e.cornerPull + 2 * e.lipStretch - 0.9 * e.lipTighten - rounding(e);
  // A pulled corner leaves the middle low; a raised chin pushes it up.
  const middle = MOUTH_Y + 0.9 * e.cornerPull - 0.6 * e.cornerDepress - 0.9 * e.chinRaise + 2.2 * e.jawDrop;
  const up = 0.5 * e.lipsPart + 1.3 * e.upperLipRaise + 2.3 * e.jawDrop;
  const down = 1.5 * e.lipsPart + 1.2 * e.lowerLipDepress + 4.4 * e.jawDrop;
  const line = (u: number) => {
    const corner = MOUTH_Y + cornerY(Math.sign(u));
    return middle + (corner - middle) * Math.pow(Math.abs(u), 1.7);
  };
  const bow = (u: number) => Math.sqrt(Math.max(0, 1 - u * u));
  const thickness = lipThickness(identity.lips, e);
  return {
    halfWidth: identity.mouthWidth + wide,
    upperOuter: (u) => line(u) - up * bow(u) - thickness * (1 - u ** 4) * (0.85 + 0.15 * Math.cos(9 * u)),
    upperInner: (u) => line(u) - up * bow(u),
    lowerInner: (u) => line(u) + down * bow(u),
    lowerOuter: (u) => line(u) + down * bow(u) + 1.35 * thickness * bow(u),
  };
}

/** A dropped jaw draws the corners in, unless they are stretched. */
function rounding({ jawDrop, lipStretch }: Expression): number {
  return 2 * jawDrop * Math.max(0, 1 - 1.3 * lipStretch);
}

function lipThickness(rest: number, { lipTighten, lipStretch, cornerPull }: Expression): number {
  return Math.max(0.3, rest * (1 - 0.65 * lipTighten - 0.3 * lipStretch - 0.25 * cornerPull));
}

/** Lips, what shows between them, and the folds around them. */
export function paintMouth(brush: Brush, face: Face): void {
  const { identity } = face;
  const mouth = mouthOf(face);
  const across = (f: (u: number) => number) => graph(0, mouth.halfWidth, f);
  const [upper, lower] = [across(mouth.upperInner), across(mouth.lowerInner)];
  paintFolds(brush, face, mouth);
  brush.glow([0, mouth.lowerOuter(0) + 1], mouth.halfWidth * 0.55, 0.8, -0.2);
  brush.fill([...across(mouth.upperOuter), ...upper.toReversed()], identity.lipGrey * 0.9);
  brush.fill([...lower, ...across(mouth.lowerOuter).toReversed()], identity.lipGrey);
  brush.glow([0, (mouth.lowerInner(0) + mouth.lowerOuter(0)) / 2], mouth.halfWidth * 0.4, 0.5, 0.15);
  brush.fill([...upper, ...lower.toReversed()], 0.06);
  paintTeeth(brush, face, mouth);
  const seam = upper.map(([x, y], i): Point => [x, (y + (lower[i]?.[1] ?? y)) / 2]);
  const opening = mouth.lowerInner(0) - mouth.upperInner(0);
  brush.line(seam, 0.42, identity.skin * 0.2, Math.max(0, 0.9 - opening));
  for (const end of [seam[0], seam[seam.length - 1]]) if (end) brush.glow(end, 0.9, 0.8, -0.35);
}

/** Teeth fill a narrow opening; under a dropped jaw they are a band above a dark hole. */
function paintTeeth(brush: Brush, { expression }: Face, mouth: Mouth): void {
  const opening = mouth.lowerInner(0) - mouth.upperInner(0);
  if (opening < 0.9) return;
  const rounded = expression.jawDrop * Math.max(0, 1 - expression.lipStretch);
  const height = Math.max(0.7, 2 - 2.6 * rounded);
  const lower = (u: number) => Math.min(mouth.lowerInner(u), mouth.upperInner(u) + height);
  const across = (f: (u: number) => number) => graph(0, mouth.halfWidth, f);
  brush.fill([...across(mouth.upperInner), ...across(lower).toReversed()], 0.85, 0.95);
  if (opening < 4) return;
  brush.fill(ellipse([0, mouth.lowerInner(0) - 0.9], mouth.halfWidth * 0.5, 0.8), 0.25);
}

function paintFolds(brush: Brush, { identity, expression }: Face, mouth: Mouth): void {
  const { cornerPull, cornerDepress, noseWrinkle, upperLipRaise, lipStretch, chinRaise } = expression;
  const dark = identity.skin * 0.5;
  const smile = Math.max(0, cornerPull);
  const depth = Math.max(smile, noseWrinkle, 0.7 * upperLipRaise, 0.4 * lipStretch);
  const noseX = identity.noseWidth + 0.6;
  const top = identity.noseLength - 5.6 - 1.2 * noseWrinkle;
  for (const side of [-1, 1] as const) {
    const cornerX = mouth.halfWidth + 1 + 0.6 * smile;
    const cornerY = mouth.upperInner(side);
    const fold = smooth([
      [side * noseX, top],
      [side * (noseX + cornerX) * 0.56, (top + cornerY) / 2 - 0.6],
      [side * cornerX, cornerY],
    ]);
    brush.line(fold, 0.42, dark, Math.min(0.9, 0.1 + 0.75 * depth * (0.5 + 0.5 * identity.wrinkles)));
    brush.glow([side * (cornerX + 2), cornerY - 4.6], 3, 2.2, 0.08 + 0.2 * smile);
    const drop: Point[] = [
      [side * cornerX, cornerY + 0.2],
      [side * (cornerX + 0.7), cornerY + 2.6],
    ];
    brush.line(drop, 0.35, dark, Math.min(0.8, 0.7 * Math.max(0, cornerDepress)));
  }
  brush.glow([0, mouth.lowerOuter(0) + 3.4], 2.4, 1, -0.2 * Math.max(0, chinRaise));
}
