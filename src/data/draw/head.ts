import type { Brush } from './brush.js';
import { EYE_Y, type Side } from './eyes.js';
import type { Face, Identity } from './face.js';
import { chinDrop } from './mouth.js';
import { ellipse, graph, smooth, type Point } from './raster.js';

/** What lies behind the face: long or curly hair, neck, shoulders, ears. */
export function paintBehind(brush: Brush, face: Face): void {
  const { identity, scene } = face;
  const { headWidth: w, headHeight: h } = identity;
  if (identity.hairStyle === 'long') brush.fill(longHair(w, h), identity.hair * 0.9);
  const neck: Point[] = [
    [-w * 0.55, 8],
    [w * 0.55, 8],
    [w * 0.6, 30],
    [-w * 0.6, 30],
  ];
  brush.fill(neck, identity.skin * 0.72);
  const shoulders = smooth([
    [-34, 32],
    [-20, 25.5],
    [-w * 0.55, 22.5],
    [0, 26],
    [w * 0.55, 22.5],
    [20, 25.5],
    [34, 32],
  ]);
  brush.fill(shoulders, scene.clothes);
  for (const side of [-1, 1] as const) {
    brush.fill(ellipse([side * w * 1.02, EYE_Y + 2.5], 1.8, 3.6), identity.skin * 0.85);
    brush.fill(ellipse([side * w * 1.03, EYE_Y + 2.5], 0.8, 2.2), identity.skin * 0.65);
  }
}

function longHair(w: number, h: number): Point[] {
  const half = (side: Side): Point[] => [
    [side * w * 0.7, -h * 1.02],
    [side * w * 1.18, -h * 0.5],
    [side * w * 1.28, 6],
    [side * w * 1.2, 26],
  ];
  return smooth([...half(-1).toReversed(), [0, -h * 1.2], ...half(1), [0, 28]], true);
}

/** The head itself, lit from the front: darker towards its edge. */
export function paintHead(brush: Brush, face: Face): void {
  const { identity } = face;
  const { headWidth, headHeight, skin } = identity;
  const [cx, cy] = brush.project([0, 0]);
  brush.fill(headOutline(face), (x, y) => {
    const edge = ((x - cx) / headWidth) ** 2 + ((y - cy) / headHeight) ** 2;
    return skin * (1.06 - 0.3 * Math.min(1.2, edge) ** 2);
  });
  for (const side of [-1, 1] as const) brush.glow([side * 8.5, 4.5], 3.6, 3, 0.08);
  brush.glow([0, -12], 6, 3, 0.08);
}

function headOutline(face: Face): Point[] {
  const { headWidth: w, headHeight: h, jaw, chin } = face.identity;
  const drop = chinDrop(face);
  const half = (side: Side): Point[] => [
    [side * w * 0.62, -h * 0.86],
    [side * w * 0.96, -h * 0.45],
    [side * w, EYE_Y + 3],
    [side * w * (0.5 + 0.5 * jaw), 6 + drop * 0.2],
    [side * w * jaw * 0.94, 12 + drop * 0.6],
    [side * w * chin * 1.25, h * 0.88 + drop],
  ];
  const bottom: Point = [0, h * 0.97 + drop];
  return smooth([[0, -h], ...half(1), bottom, ...half(-1).toReversed()], true);
}

/** Bridge, wings, nostrils; a wrinkled nose is shorter, wider and lined. */
export function paintNose(brush: Brush, { identity, expression, scene }: Face): void {
  const wrinkle = Math.max(0, expression.noseWrinkle);
  const dark = identity.skin * 0.4;
  const bottom = EYE_Y + identity.noseLength - 1.3 * wrinkle;
  const wing = identity.noseWidth + 0.7 * wrinkle;
  brush.glow([0, bottom - 4], 1.1, 3.4, 0.14);
  brush.glow([0, bottom - 1], 1.2, 1, 0.12);
  for (const side of [-1, 1] as const) {
    const shaded = scene.light[0] * side < 0 ? 1 : 0.6;
    brush.line(
      smooth([
        [side * 2.2, EYE_Y - 2.5],
        [side * 1.5, EYE_Y + 2],
        [side * wing * 0.75, bottom - 2],
      ]),
      0.4,
      dark,
      0.3 * shaded,
    );
    brush.line(
      smooth([
        [side * wing * 0.8, bottom - 2],
        [side * wing, bottom - 0.6],
        [side * wing * 0.75, bottom + 0.3],
      ]),
      0.35,
      dark,
      0.55,
    );
    brush.fill(ellipse([side * wing * 0.45, bottom + 0.2], wing * 0.26, 0.55, 10), dark * 0.5, 0.85);
    for (const row of [0, 1, 2]) {
      const y = EYE_Y + 0.2 + 1.3 * row;
      brush.line(
        [
          [side * 0.2, y - 0.5],
          [side * (1.6 + 0.4 * row), y + 0.5],
        ],
        0.28,
        dark,
        Math.min(0.9, wrinkle * 0.8),
      );
    }
  }
  brush.glow([0, bottom + 1.4], wing, 0.7, -0.14);
}

/** Beard and moustache, under the mouth's paint. */
export function paintBeard(brush: Brush, face: Face): void {
  const { identity } = face;
  const drop = chinDrop(face);
  const grey = Math.min(identity.hair, identity.skin * 0.6);
  const { headWidth: w, headHeight: h, jaw } = identity;
  if (identity.beard > 0) {
    const cheek = (side: Side): Point[] => [
      [side * w * 0.95, 4],
      [side * w * jaw * 0.94, 12 + drop * 0.6],
      [side * w * 0.5, h * 0.87 + drop],
    ];
    const top: Point[] = [
      [-w * 0.6, 8],
      [-w * 0.35, 13],
      [0, 13.5 + drop * 0.6],
      [w * 0.35, 13],
      [w * 0.6, 8],
    ];
    const outer = smooth([...cheek(1), [0, h * 0.96 + drop], ...cheek(-1).toReversed()]);
    brush.fill([...outer, ...smooth(top)], grey, 0.75 * identity.beard);
  }
  const base = EYE_Y + identity.noseLength + 1.3;
  const moustache = [
    ...graph(0, 5.4, (u) => base + 1.3 * u * u),
    ...graph(0, 5.4, (u) => base + 1.5 + 1.1 * u * u).toReversed(),
  ];
  brush.fill(moustache, grey, 0.8 * identity.moustache);
}

/** Hair over the forehead. */
export function paintHair(brush: Brush, { identity }: Face): void {
  if (identity.hairStyle === 'bald') return;
  const { headWidth: w, headHeight: h, hair } = identity;
  const volume = identity.hairStyle === 'curly' ? 1.16 : 1.07;
  const sideY = identity.hairStyle === 'long' ? 4 : EYE_Y + 1;
  const outer = smooth([
    [-w * 1.01 * volume, sideY],
    [-w * 1.04 * volume, -h * 0.4],
    [-w * 0.66 * volume, -h * 0.92 * volume],
    [0, -h * 1.05 * volume],
    [w * 0.66 * volume, -h * 0.92 * volume],
    [w * 1.04 * volume, -h * 0.4],
    [w * 1.01 * volume, sideY],
  ]);
  brush.fill([...outer, ...smooth(hairline(identity))], hair);
  brush.glow([-w * 0.3, -h * 0.9], 5, 2, 0.25);
}

/** The lower edge of the hair, from right to left. */
function hairline({ hairStyle, headWidth: w, hairline: height }: Identity): Point[] {
  const y = EYE_Y - height;
  const [right, left]: [Point, Point] = [
    [w * 0.9, EYE_Y],
    [-w * 0.9, EYE_Y],
  ];
  switch (hairStyle) {
    case 'fringe':
      return [
        right,
        [w * 0.84, y + 2],
        [w * 0.4, y + 3.4],
        [0, y + 3],
        [-w * 0.4, y + 3.6],
        [-w * 0.84, y + 2],
        left,
      ];
    case 'parted':
      return [
        right,
        [w * 0.88, y + 5],
        [w * 0.55, y + 2.6],
        [-w * 0.25, y - 1.6],
        [-w * 0.6, y + 2],
        [-w * 0.88, y + 5],
        left,
      ];
    case 'long':
      return [
        right,
        [w * 0.85, y + 5],
        [w * 0.5, y + 0.5],
        [0, y - 1.5],
        [-w * 0.5, y + 0.5],
        [-w * 0.85, y + 5],
        left,
      ];
    case 'bald':
    case 'short':
    case 'curly':
      return [right, [w * 0.86, y + 4], [w * 0.6, y], [0, y - 0.6], [-w * 0.6, y], [-w * 0.86, y + 4], left];
  }
}
