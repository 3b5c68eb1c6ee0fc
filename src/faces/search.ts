import type { Picture } from '../data/images.js';
import { middleOf, overlapOf, type Box, type DetectedFace, type FaceDetector } from './face.js';
import { mergeFaces, SAME_FACE } from './suppress.js';
import { tileWindows } from './tiles.js';
import { wholeWindow, windowAround, type Window } from './window.js';

/** A network that looks at windows of a picture. */
export interface FaceNet {
  /** Faces in a window with at least a score, best first, in pixels of the picture. */
  look(picture: Picture, window: Window, threshold: number, mirrored?: boolean): Promise<DetectedFace[]>;
  close(): Promise<void>;
}

/** The networks that a search looks with. */
export interface SearchNets {
  /** Sees faces that take up a good part of what it looks at, and judges every place. */
  readonly short: FaceNet;
  /** Sees small faces in a whole picture. */
  readonly full: FaceNet;
}

/** What {@link FaceSearch} may be told. */
export interface SearchOptions {
  /** Lowest score of a face that is reported, in 0..1; default {@link SEARCH.score}. */
  readonly score?: number;
}

/** Figures of the search, chosen on composites of FER2013's training pictures; see docs/faces.md. */
export const SEARCH = {
  /** Lowest score of a face that is reported: the mean of two looks. */
  score: 0.63,
  /** Lowest scores at which a place is worth a look from close by. */
  shortHint: 0.1,
  fullHint: 0.05,
  /** Shares of the window that a face takes up when its place is looked at, first and, in the mirror, second time. */
  shares: [0.5, 0.36],
  /** Places in a row without a face after which the rest, less promising, are let be. */
  patience: 4,
  /** A found face smaller than this share of the window asks for a closer look: there may be smaller ones. */
  small: 0.2,
  /** Windows become smaller by half, down to this many pixels. */
  leastWindow: 160,
  /** How far neighbouring windows overlap, as a share of their side. */
  overlap: 0.4,
} as const;

/**
 * Finds faces of all sizes. Both networks look at the whole picture and the short-range one at parts half as large;
 * where nothing or something small is found, at parts of parts. They only point at places: the short-range network
 * judges each place from close by, twice.
 *
 * Boxes and key points come from there, where every face has about the same size: so crops are framed alike, be the
 * face large or small in the picture.
 */
export class FaceSearch implements FaceDetector {
  readonly name = 'BlazeFace';
  readonly tight = true;
  private readonly score: number;

  constructor(
    private readonly nets: SearchNets,
    options: SearchOptions = {},
  ) {
    this.score = options.score ?? SEARCH.score;
  }

  async detect(picture: Picture): Promise<readonly DetectedFace[]> {
    const found: DetectedFace[] = [];
    let { side } = wholeWindow(picture);
    const hints = await this.hintsOfWhole(picture);
    if (side / 2 >= SEARCH.leastWindow) hints.push(...(await this.hintsOfParts(picture, (side /= 2))));
    await this.judge(picture, hints, found);
    while (side / 2 >= SEARCH.leastWindow && asksForMore(found, side)) {
      await this.judge(picture, await this.hintsOfParts(picture, (side /= 2)), found);
    }
    return found.sort((a, b) => b.score - a.score);
  }

  async close(): Promise<void> {
    await this.nets.short.close();
    await this.nets.full.close();
  }

  private async hintsOfWhole(picture: Picture): Promise<DetectedFace[]> {
    const { short, full } = this.nets;
    const window = wholeWindow(picture);
    return [
      ...(await short.look(picture, window, SEARCH.shortHint)),
      ...(await full.look(picture, window, SEARCH.fullHint)),
    ];
  }

  private async hintsOfParts(picture: Picture, side: number): Promise<DetectedFace[]> {
    const hints: DetectedFace[] = [];
    for (const window of tileWindows(picture, side, SEARCH.overlap)) {
      hints.push(...(await this.nets.short.look(picture, window, SEARCH.shortHint)));
    }
    return hints;
  }

  /** Looks at places from close by, the most promising first, and adds the faces to those found. */
  private async judge(picture: Picture, hints: DetectedFace[], found: DetectedFace[]): Promise<void> {
    const seen: Box[] = found.map(({ box }) => box);
    let failures = 0;
    for (const { box } of hints.sort((a, b) => b.score - a.score)) {
      if (failures >= SEARCH.patience) return;
      if (seen.some((other) => isSamePlace(box, other))) continue;
      seen.push(box);
      const face = await this.lookClosely(picture, box);
      failures = face === undefined ? failures + 1 : 0;
      if (face === undefined || found.some((other) => isSamePlace(face.box, other.box))) continue;
      found.push(face);
      seen.push(face.box);
    }
  }

  /**
   * The face at a place, seen from close by and, from a little further, in the mirror; nothing where the two looks
   * together are not sure enough. What only resembles a face seldom does so both ways.
   */
  private async lookClosely(picture: Picture, box: Box): Promise<DetectedFace | undefined> {
    const [first, second] = SEARCH.shares;
    const { short } = this.nets;
    const least = this.score / 2;
    const looks = await short.look(picture, windowAround(box, first), least);
    const once = looks.find((face) => isSamePlace(face.box, box));
    if (once === undefined) return undefined;
    const mirrored = await short.look(picture, windowAround(once.box, second), least, true);
    const again = mirrored.find((face) => isSamePlace(face.box, once.box));
    const score = (once.score + (again?.score ?? 0)) / 2;
    if (again === undefined || score < this.score) return undefined;
    const [mean = once] = mergeFaces([once, again], 0);
    return { ...mean, score };
  }
}

/** Two boxes of one face, also when one look draws it larger than the other. */
function isSamePlace(a: Box, b: Box): boolean {
  if (overlapOf(a, b) > SAME_FACE) return true;
  const [[ax, ay], [bx, by]] = [middleOf(a), middleOf(b)];
  const reach = Math.min(a.width, b.width) / 3;
  return Math.abs(ax - bx) < reach && Math.abs(ay - by) < reach;
}

function asksForMore(found: readonly DetectedFace[], side: number): boolean {
  return found.length === 0 || found.some(({ box }) => box.width < SEARCH.small * side);
}
