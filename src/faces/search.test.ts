import { describe, expect, it } from 'vitest';

import type { Picture } from '../data/images.js';
import { middleOf, sharedArea, type Box, type DetectedFace, type FaceNet } from './face.js';
import { FaceSearch, SEARCH } from './search.js';
import { wholeWindow } from './window.js';

/** A thing in a picture that a network takes for a face, with the highest score that it gives. */
interface Thing {
  readonly box: Box;
  readonly score: number;
}

/** A network that sees things by their size in the window, and counts its looks. */
class FakeNet implements FaceNet {
  looks = 0;
  closed = false;

  constructor(
    private readonly things: readonly Thing[],
    private readonly seen: (share: number) => number,
  ) {}

  lookAtWhole(picture: Picture, ...thresholds: readonly number[]) {
    const look = (threshold: number) => this.look(picture, wholeWindow(picture), threshold);
    return Promise.all(thresholds.map(look)).finally(() => (this.looks -= thresholds.length - 1));
  }

  look(_picture: Picture, window: { x: number; y: number; side: number }, threshold: number) {
    this.looks++;
    const { x, y, side } = window;
    const area: Box = { x, y, width: side, height: side };
    const inside = this.things.filter(({ box }) => sharedArea(box, area) > 0.8 * box.width * box.height);
    const faces = inside.map(({ box, score }): DetectedFace => {
      return { box, score: score * this.seen(box.width / side), keyPoints: [] };
    });
    return Promise.resolve(faces.filter(({ score }) => score >= threshold && score > 0));
  }

  close() {
    this.closed = true;
    return Promise.resolve();
  }
}

const picture: Picture = { width: 1280, height: 960, channels: 3, pixels: new Uint8Array(0) };
const at = (x: number, y: number, side: number, score = 1): Thing => ({
  box: { x, y, width: side, height: side },
  score,
});

function searchOf(things: readonly Thing[]) {
  const short = new FakeNet(things, (share) => (share >= 0.2 && share <= 0.9 ? 0.9 : 0));
  const full = new FakeNet(things, (share) => (share >= 0.06 ? 0.3 : 0));
  return { search: new FaceSearch({ short, full }), short, full };
}

describe('FaceSearch', () => {
  it('finds a large face by the whole picture and its parts, with few looks', async () => {
    const { search, short, full } = searchOf([at(300, 200, 400)]);
    const faces = await search.detect(picture);
    expect(faces).toHaveLength(1);
    const box = { x: 300, y: 200, width: 400, height: 400 };
    expect(faces[0]).toEqual({ box, score: 0.9, keyPoints: [], close: { box, keyPoints: [] } });
    // The whole, four parts, twice from close by.
    expect([short.looks, full.looks]).toEqual([7, 0]);
  });

  it('goes down to parts of parts for small faces, and reports each face once', async () => {
    const { search } = searchOf([at(100, 100, 90), at(600, 640, 70), at(900, 120, 300), at(500, 100, 200)]);
    const faces = await search.detect(picture);
    expect(faces.map(({ box }) => box.width).sort((a, b) => a - b)).toEqual([70, 90, 200, 300]);
  });

  it('looks for small faces where nothing large was found', async () => {
    const { search } = searchOf([at(1000, 500, 60)]);
    const [face] = await search.detect(picture);
    expect(face && middleOf(face.box).map(Math.round)).toEqual([1030, 530]);
  });

  it('leaves small faces out when it is not to look finer', async () => {
    const { short, full } = searchOf([at(300, 200, 400), at(1000, 500, 60)]);
    const quick = new FaceSearch({ short, full }, { finer: false });
    expect((await quick.detect(picture)).map(({ box }) => box.width)).toEqual([400]);
    expect(short.looks).toBe(7);
  });

  it('leaves out what does not look like a face from close by', async () => {
    const { search } = searchOf([at(300, 200, 400, 0.5), at(800, 300, 300)]);
    expect((await search.detect(picture)).map(({ box }) => box.x)).toEqual([800]);
  });

  it('gives up on hints after some in a row without a face', async () => {
    const { search, short } = searchOf(Array.from({ length: 12 }, (_, i) => at(100 * i, 100, 95, 0.4)));
    expect(await search.detect(picture)).toEqual([]);
    const parts = 1 + 4 + 30 + 130;
    // Four stages, up to three looks at a place.
    expect(short.looks - parts).toBeLessThanOrEqual(4 * SEARCH.patience.other * 3);
  });

  it('closes both networks', async () => {
    const { search, short, full } = searchOf([]);
    await search.close();
    expect([short.closed, full.closed]).toEqual([true, true]);
    expect(wholeWindow(picture).side).toBe(1280);
  });
});
