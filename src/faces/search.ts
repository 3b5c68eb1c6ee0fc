import type { Picture } from '../data/images.js';
import { FACE_SCORE } from './blazeface.js';
import type { Box, DetectedFace, FaceDetector, FaceNet } from './face.js';
import { isSamePlace, mergeFaces } from './suppress.js';
import { tileWindows } from './tiles.js';
import { wholeWindow, windowAround } from './window.js';

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
  /**
   * Look at parts of parts, too; default true. Without, faces below about an eighth of the picture may be missed, and a
   * search that finds nothing ends soon.
   */
  readonly finer?: boolean;
}

/** Figures of the search, chosen on composites of FER2013's training pictures; see docs/faces.md. */
export const SEARCH = {
  /** Lowest score of a face that is reported: the mean of its two or three looks. */
  score: 0.65,
  /** Lowest scores at which a place is worth a look from close by. */
  shortHint: 0.12,
  fullHint: 0.08,
  /** Two looks with at least this score need no third. */
  sure: 0.8,
  /** How a place is looked at from close by: the share of the window that the face takes up, and whether mirrored. */
  looks: [
    { share: 0.5, mirrored: false },
    { share: 0.36, mirrored: true },
    { share: 0.6, mirrored: false },
  ],
  /** Places in a row without a face after which the rest, less promising, are let be: beside a portrait, and else. */
  patience: { portrait: 2, other: 12 },
  /** A found face smaller than this share of the window asks for a closer look: there may be smaller ones. */
  small: 0.2,
  /**
   * The first parts: their side as a share of the picture's, and how far they overlap. They are two or four of usual
   * photographs, and what is too large for the overlap is seen in the whole picture.
   */
  parts: { share: 0.6, overlap: 0.3 },
  /** Further windows have a quarter of the picture's side, and become smaller by half, down to this many pixels. */
  leastWindow: 160,
  /** How far these overlap, as a share of their side. */
  overlap: 0.4,
} as const;

/**
 * Finds faces of all sizes. The short-range network looks at the whole picture and at a few large parts; where it finds
 * nothing, something small or several faces, the full-range network looks, too, and the short-range one at parts of parts.
 * They only point at places: the short-range network judges each place from close by, two or three times.
 *
 * Where MediaPipe's own pipeline finds a face, its box and key points are given. What was seen from close by comes with
 * them: there every face has about the same size, so that crops are framed alike, be the face large or small.
 */
export class FaceSearch implements FaceDetector {
  readonly name = 'BlazeFace';
  readonly tight = true;
  private readonly score: number;
  private readonly finer: boolean;

  constructor(
    private readonly nets: SearchNets,
    options: SearchOptions = {},
  ) {
    this.score = options.score ?? SEARCH.score;
    this.finer = options.finer ?? true;
  }

  async detect(picture: Picture): Promise<readonly DetectedFace[]> {
    const { short, full } = this.nets;
    const whole = wholeWindow(picture).side;
    const [plain = [], hints = []] = await short.lookAtWhole(picture, FACE_SCORE, SEARCH.shortHint);
    const found: DetectedFace[] = [];
    // Parts of a picture that is small itself show nothing more.
    let side = whole / 2 < SEARCH.leastWindow ? whole : whole / 2;
    const parts =
      side === whole
        ? []
        : await this.hintsOfParts(picture, {
            side: whole * SEARCH.parts.share,
            overlap: SEARCH.parts.overlap,
          });
    await this.judge(picture, [...hints, ...parts], found, side);
    if (asksForMore(found, side, true)) {
      const [small = []] = await full.lookAtWhole(picture, SEARCH.fullHint);
      await this.judge(picture, small, found, side);
    }
    for (
      let group = true;
      this.finer && side / 2 >= SEARCH.leastWindow && asksForMore(found, side, group);
      group = false
    ) {
      side /= 2;
      await this.judge(
        picture,
        await this.hintsOfParts(picture, { side, overlap: SEARCH.overlap }),
        found,
        side,
      );
    }
    return found.map((face) => asMediaPipe(face, plain)).sort((a, b) => b.score - a.score);
  }

  async close(): Promise<void> {
    await this.nets.short.close();
    await this.nets.full.close();
  }

  private async hintsOfParts(
    picture: Picture,
    { side, overlap }: { readonly side: number; readonly overlap: number },
  ): Promise<DetectedFace[]> {
    const hints: DetectedFace[] = [];
    for (const window of tileWindows(picture, side, overlap)) {
      hints.push(...(await this.nets.short.look(picture, window, SEARCH.shortHint)));
    }
    return hints;
  }

  /**
   * Looks at places from close by, the most promising first, and adds the faces to those found.
   * @param side of the parts that the hints are from, pixels
   */
  private async judge(
    picture: Picture,
    hints: DetectedFace[],
    found: DetectedFace[],
    side: number,
  ): Promise<void> {
    const { portrait, other } = SEARCH.patience;
    const seen: Box[] = found.map(({ box }) => box);
    let failures = 0;
    for (const { box } of hints.sort((a, b) => b.score - a.score)) {
      if (failures >= (asksForMore(found, side, true) ? other : portrait)) return;
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
   * The face at a place, seen from close by: plainly, from a little further in the mirror, and from closer; nothing
   * where the looks together are not sure enough. What only resembles a face seldom does so every time.
   */
  private async lookClosely(picture: Picture, box: Box): Promise<DetectedFace | undefined> {
    const looks: DetectedFace[] = [];
    for (const { share, mirrored } of SEARCH.looks) {
      const place = looks.at(-1)?.box ?? box;
      const window = windowAround(place, share);
      const faces = await this.nets.short.look(picture, window, this.score / 2, mirrored);
      const face = faces.find((other) => isSamePlace(other.box, place));
      if (face === undefined) return undefined;
      looks.push(face);
      if (looks.length === 2 && looks.every(({ score }) => score >= SEARCH.sure)) break;
    }
    const score = looks.reduce((sum, face) => sum + face.score, 0) / looks.length;
    const [mean] = mergeFaces(looks, 0);
    return mean === undefined || score < this.score ? undefined : { ...mean, score };
  }
}

/** A face with MediaPipe's box where MediaPipe sees it, too: what others know, and compare with. */
function asMediaPipe(face: DetectedFace, plain: readonly DetectedFace[]): DetectedFace {
  const same = plain.find(({ box }) => isSamePlace(box, face.box));
  if (same === undefined) return face;
  const { box, keyPoints } = face;
  return { score: face.score, box: same.box, keyPoints: same.keyPoints, close: { box, keyPoints } };
}

/** Whether smaller faces are to be looked for, after parts of a side: a single large face is a portrait. */
function asksForMore(found: readonly DetectedFace[], side: number, group: boolean): boolean {
  if (found.length === 0 || (group && found.length > 1)) return true;
  return found.some(({ box }) => box.width < SEARCH.small * side);
}
