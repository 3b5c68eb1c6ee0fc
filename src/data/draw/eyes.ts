import type { Brush } from './brush.js';
import type { Face } from './face.js';
import { ellipse, graph, smooth, type Point } from './raster.js';

/** Height of the eyes in face units. */
export const EYE_Y = -5;

/** One side of the face: −1 is the left of the picture. */
export type Side = -1 | 1;

/** Sockets, lids, eyeball, and the folds that cheeks and lids make. */
export function paintEye(brush: Brush, face: Face, side: Side): void {
  const { identity } = face;
  const eye = eyeOf(face, side);
  const dark = identity.skin * 0.3;
  brush.glow([eye.x, EYE_Y - 1.2], 3.6, 2, -0.12);
  const upper = graph(eye.x, eye.halfWidth, eye.upper);
  const lower = graph(eye.x, eye.halfWidth, eye.lower);
  brush.fill([...upper, ...lower.toReversed()], 0.55 + 0.35 * identity.skin);
  paintIris(brush, face, eye);
  const folded = upper.map(([x, y]): Point => [x, y - 1.15]);
  brush.line(folded, 0.2, dark, 0.45);
  brush.line(upper, 0.45, dark * 0.5, 0.95);
  brush.line(lower, 0.2, dark, 0.5);
  paintLidFolds(brush, face, eye, side);
}

interface Eye {
  readonly x: number;
  readonly halfWidth: number;
  readonly upper: (u: number) => number;
  readonly lower: (u: number) => number;
}

function eyeOf({ identity, expression, asymmetry }: Face, side: Side): Eye {
  const share = 1 + side * asymmetry;
  const { lidRaise, lidTighten, cheekRaise, noseWrinkle, browLower } = expression;
  const squint = Math.min(1, lidTighten * 0.75 + cheekRaise * 0.7 + noseWrinkle * 0.6) * share;
  const opening = 1.85 + 1.5 * lidRaise * share - 0.75 * squint - 0.25 * browLower;
  const rise = Math.max(0.45, opening) * identity.eyeSize;
  // Raised cheeks push the lower lid up until the eye is an arc.
  const sag = (1.15 - 1 * squint - 0.7 * cheekRaise + 0.35 * Math.max(0, lidRaise)) * identity.eyeSize;
  const tilt = (u: number) => -side * u * identity.eyeTilt;
  const arc = (u: number) => Math.pow(Math.max(0, 1 - u * u), 0.75);
  return {
    x: side * identity.eyeDistance,
    halfWidth: 3.65 * identity.eyeSize,
    upper: (u) => EYE_Y + tilt(u) - rise * arc(u),
    lower: (u) => EYE_Y + tilt(u) + Math.max(sag, 0.35 - rise) * arc(u),
  };
}

/** Iris, pupil and reflex, cut by the lids. */
function paintIris(brush: Brush, { identity }: Face, eye: Eye): void {
  const radius = 1.6 * identity.eyeSize;
  const within = ([x, y]: Point): Point => {
    const u = (x - eye.x) / eye.halfWidth;
    return [x, Math.min(eye.lower(u), Math.max(eye.upper(u), y))];
  };
  const center: Point = [eye.x, EYE_Y - 0.35];
  brush.fill(ellipse(center, radius, radius).map(within), identity.iris);
  brush.fill(ellipse(center, radius * 0.5, radius * 0.5).map(within), 0.02);
  brush.fill(ellipse([eye.x + 0.6, EYE_Y - 0.9], 0.4, 0.4, 8).map(within), 0.95, 0.9);
}

function paintLidFolds(brush: Brush, face: Face, eye: Eye, side: Side): void {
  const { cheekRaise, lidTighten, noseWrinkle } = face.expression;
  const depth = face.identity.wrinkles;
  const dark = face.identity.skin * 0.45;
  const bag = graph(eye.x, eye.halfWidth * 0.9, (u) => eye.lower(u) + 1.2 + 0.3 * (1 - u * u));
  brush.line(bag, 0.3, dark, 0.15 + 0.45 * Math.min(1, cheekRaise + lidTighten + noseWrinkle) * depth);
  const corner = eye.x + side * (eye.halfWidth + 0.6);
  for (const turn of [-1, 0, 1]) {
    const end: Point = [corner + side * 2.2, EYE_Y + turn * 1.5 + 0.2];
    brush.line([[corner, EYE_Y + turn * 0.4], end], 0.22, dark, Math.min(1, cheekRaise * depth * 0.7));
  }
}

/** A brow as a tapering line: the inner and outer ends move apart from each other. */
export function paintBrow(brush: Brush, face: Face, side: Side): void {
  const { identity, scene } = face;
  const line = browLine(face, side);
  const [thin, thick] = [identity.browThickness * 0.45, identity.browThickness];
  const radii = line.map((_, i) => thick - (thick - thin) * (i / (line.length - 1)) ** 2);
  const grey = Math.min(identity.hair, identity.skin * 0.55);
  brush.glow([side * identity.eyeDistance, (line[8]?.[1] ?? 0) + 1.2], 4, 1.2, -0.1 - 0.05 * scene.contrast);
  brush.thickLine(line, radii, grey, 0.85);
}

function browLine({ identity, expression, asymmetry }: Face, side: Side): Point[] {
  const share = 1 + side * asymmetry;
  const { browInnerRaise, browOuterRaise, browLower, lidRaise } = expression;
  const rest = EYE_Y - identity.browHeight;
  const [inner, outer] = [browInnerRaise * share, browOuterRaise * share];
  // AU1 lifts the inner third against AU4, which then turns the brow oblique instead of lowering it.
  const lower = browLower * share * (1 - 0.6 * Math.min(1, Math.max(0, inner)));
  const innerY = rest + 0.5 - 3 * inner + 2.9 * lower;
  const middleY = rest - identity.browArch * 0.6 - 1.3 * inner - 1.7 * outer + 1.5 * lower;
  const peakY = rest - identity.browArch * 0.8 - 0.2 * inner - 2.9 * outer + 0.5 * lower - 0.2 * lidRaise;
  const outerY = rest + 0.8 + 0.8 * inner - 2 * outer + 0.1 * lower;
  const innerX = identity.eyeDistance - 4.2 - 1.1 * lower;
  return smooth([
    [side * innerX, innerY],
    [side * (identity.eyeDistance - 1.4), middleY],
    [side * (identity.eyeDistance + 1.6), peakY],
    [side * (identity.eyeDistance + 4.4), outerY],
  ]);
}

/** Frown lines between the brows and lines across the forehead. */
export function paintForehead(brush: Brush, { identity, expression }: Face): void {
  const dark = identity.skin * 0.5;
  const { browLower, browInnerRaise, browOuterRaise } = expression;
  const frown = Math.min(1, Math.max(0, browLower) * identity.wrinkles);
  for (const side of [-1, 1] as const) {
    brush.line(
      smooth([
        [side * 1.1, EYE_Y - 4.6],
        [side * 0.9, EYE_Y - 3],
        [side * 1.3, EYE_Y - 1.4],
      ]),
      0.35,
      dark,
      frown,
    );
  }
  brush.glow([0, EYE_Y - 2.8], 2.2, 1.6, -0.18 * frown);
  const width = 3.5 + 5 * Math.max(0, browOuterRaise);
  const raised = Math.min(1, Math.max(0, browInnerRaise) * identity.wrinkles * 0.7);
  for (const row of [0, 1, 2]) {
    const y = EYE_Y - identity.browHeight - 3.6 - 1.7 * row;
    brush.line(
      graph(0, width, (u) => y + 0.7 * u * u),
      0.24,
      dark,
      raised,
    );
  }
}

/** Two rims, a bridge and the arms. */
export function paintGlasses(brush: Brush, { identity }: Face): void {
  if (!identity.glasses) return;
  const [rx, ry] = [4.6, 3.6];
  for (const side of [-1, 1] as const) {
    const rim = ellipse([side * identity.eyeDistance, EYE_Y + 0.2], rx, ry, 24);
    brush.thickLine([...rim, ...rim.slice(0, 1)], new Array<number>(25).fill(0.32), 0.08, 0.85);
    const hinge = side * (identity.eyeDistance + rx);
    brush.line(
      [
        [hinge, EYE_Y - 0.6],
        [side * identity.headWidth, EYE_Y - 1],
      ],
      0.4,
      0.08,
      0.85,
    );
  }
  const bridge = identity.eyeDistance - rx;
  brush.line(
    graph(0, bridge, (u) => EYE_Y - 0.8 - 0.5 * (1 - u * u), 6),
    0.4,
    0.08,
    0.85,
  );
}
