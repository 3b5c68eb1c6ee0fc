import type { Picture } from '../data/images.js';
import { isSmallFace } from './crop-face.js';
import type { DetectedFace, FaceDetector, FaceNet } from './face.js';
import { SEARCH } from './search.js';
import { isSamePlace } from './suppress.js';
import { windowAround } from './window.js';

/** Figures of {@link FaceFollower}. */
export const FOLLOW = {
  /** Every so many frames a whole search. */
  searchEvery: 10,
  /** Share of the window in which a face that is known is looked for; it may move by half of its size. */
  share: 0.5,
  /** A face that is known stays with at least this score: less than it took to be found, so that it does not flicker. */
  score: 0.35,
} as const;

/**
 * Finds faces in the frames of a stream. In most frames it looks once at each face that it knows, from close by where the
 * face was, and once at the whole picture for large faces that have come; every few frames it searches.
 *
 * Boxes are always those seen from close by, so that they do not jump between the kinds of looks.
 *
 * @example
 * const follower = new FaceFollower(short, new FaceSearch({ short, full }, { finer: false }));
 */
export class FaceFollower implements FaceDetector {
  readonly name = 'BlazeFace';
  readonly tight = true;
  private known: readonly DetectedFace[] = [];
  private frames = 0;

  /** @param search is closed with the follower, and closes the network */
  constructor(
    private readonly short: FaceNet,
    private readonly search: FaceDetector,
  ) {}

  async detect(picture: Picture): Promise<readonly DetectedFace[]> {
    const searching = this.frames++ % FOLLOW.searchEvery === 0;
    const faces: DetectedFace[] = [];
    const add = (face: DetectedFace | undefined) => {
      if (face !== undefined && !faces.some(({ box }) => isSamePlace(box, face.box))) faces.push(face);
    };
    for (const face of this.known) add(await this.lookAgain(picture, face));
    const others = searching ? await this.search.detect(picture) : await this.newcomers(picture, faces);
    for (const face of others) add({ ...face, ...face.close });
    this.known = faces;
    return faces;
  }

  async close(): Promise<void> {
    await this.search.close?.();
  }

  private async lookAgain(picture: Picture, { box }: DetectedFace): Promise<DetectedFace | undefined> {
    const faces = await this.short.look(picture, windowAround(box, FOLLOW.share), FOLLOW.score);
    return faces.find((face) => isSamePlace(face.box, box));
  }

  /** Faces that the whole picture shows clearly, not known yet, as they look from close by. */
  private async newcomers(picture: Picture, known: readonly DetectedFace[]): Promise<DetectedFace[]> {
    const [seen = []] = await this.short.lookAtWhole(picture, SEARCH.score);
    const found: DetectedFace[] = [];
    for (const face of seen) {
      if (known.some(({ box }) => isSamePlace(box, face.box))) continue;
      const close = await this.lookAgain(picture, face);
      if (close !== undefined && close.score >= SEARCH.score) found.push(close);
    }
    return found;
  }
}

/** Takes pictures as small as cropped faces as one face each, as a whole, and gives the others to a detector. */
export function takingSmallFaces(detector: FaceDetector): FaceDetector {
  const { name, tight } = detector;
  return {
    name,
    tight,
    detect: (picture) =>
      isSmallFace(picture) ? Promise.resolve([wholeFace(picture)]) : detector.detect(picture),
    close: async () => detector.close?.(),
  };
}

/** A picture's largest square, in its middle, as a face that is not to be widened. */
export function wholeFace({ width, height }: Pick<Picture, 'width' | 'height'>): DetectedFace {
  const side = Math.min(width, height);
  const box = { x: (width - side) / 2, y: (height - side) / 2, width: side, height: side };
  return { box, score: 1, keyPoints: [], tight: false };
}
