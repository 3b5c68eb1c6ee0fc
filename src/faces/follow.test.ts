import { describe, expect, it } from 'vitest';

import type { Picture } from '../data/images.js';
import type { Box, DetectedFace, FaceDetector, FaceNet } from './face.js';
import { FaceFollower, FOLLOW, takingSmallFaces } from './follow.js';

const picture: Picture = { width: 640, height: 480, channels: 3, pixels: new Uint8Array(0) };
const boxAt = (x: number, size = 100): Box => ({ x, y: 100, width: size, height: size });
const faceAt = (x: number, size?: number): DetectedFace => ({
  box: boxAt(x, size),
  score: 0.9,
  keyPoints: [],
});

/** A stream with faces that move: its networks see what `faces` holds, and count. */
function streamOf() {
  const stream = { faces: [] as DetectedFace[], searches: 0, close: 0, whole: 0, closed: 0 };
  const short: FaceNet = {
    look: (_picture, { x, side }) => {
      stream.close++;
      return Promise.resolve(stream.faces.filter(({ box }) => box.x >= x && box.x + box.width <= x + side));
    },
    // Sees faces of a fifth of the picture and more.
    lookAtWhole: () => {
      stream.whole++;
      return Promise.resolve([stream.faces.filter(({ box }) => box.width >= 128)]);
    },
    close: () => Promise.resolve(),
  };
  const search: FaceDetector = {
    ...{ name: 'fake', tight: true },
    detect: () => {
      stream.searches++;
      const seen = ({ box, ...face }: DetectedFace): DetectedFace => {
        return { ...face, box: { ...box, x: box.x + 10 }, close: { box, keyPoints: [] } };
      };
      return Promise.resolve(stream.faces.map(seen));
    },
    close: () => {
      stream.closed++;
      return Promise.resolve();
    },
  };
  return { stream, follower: new FaceFollower(short, search) };
}

const places = async (detector: FaceDetector) => (await detector.detect(picture)).map(({ box }) => box.x);

describe('FaceFollower', () => {
  it('searches the first frame, then looks once at each face and at the whole', async () => {
    const { stream, follower } = streamOf();
    stream.faces = [faceAt(100), faceAt(400)];
    // As seen from close by, not the box that others know.
    expect(await places(follower)).toEqual([100, 400]);
    stream.faces = [faceAt(120), faceAt(390)];
    expect(await places(follower)).toEqual([120, 390]);
    expect(stream).toMatchObject({ searches: 1, close: 2, whole: 1 });
  });

  it('lets go of faces that have left, and takes up large ones at once', async () => {
    const { stream, follower } = streamOf();
    stream.faces = [faceAt(100)];
    await follower.detect(picture);
    stream.faces = [faceAt(300, 150)];
    expect(await places(follower)).toEqual([300]);
    stream.faces = [];
    expect(await places(follower)).toEqual([]);
    expect(stream.searches).toBe(1);
  });

  it('finds small newcomers by the next search, each face once', async () => {
    const { stream, follower } = streamOf();
    stream.faces = [faceAt(100)];
    await follower.detect(picture);
    stream.faces = [faceAt(100), faceAt(400, 60)];
    const seen: number[] = [];
    for (let i = 1; i <= FOLLOW.searchEvery; i++) seen.push((await follower.detect(picture)).length);
    expect(seen).toEqual([...new Array<number>(FOLLOW.searchEvery - 1).fill(1), 2]);
    expect(stream.searches).toBe(2);
  });

  it('closes its search', async () => {
    const { stream, follower } = streamOf();
    await follower.close();
    expect(stream.closed).toBe(1);
  });
});

describe('takingSmallFaces', () => {
  it('takes a picture as small as a cropped face as one, not to be widened', async () => {
    const { stream, follower } = streamOf();
    const detector = takingSmallFaces(follower);
    const small = { ...picture, width: 80, height: 60 };
    const box = { x: 10, y: 0, width: 60, height: 60 };
    expect(await detector.detect(small)).toEqual([{ box, score: 1, keyPoints: [], tight: false }]);
    expect(stream.searches).toBe(0);
    expect(await detector.detect(picture)).toEqual([]);
    expect(stream.searches).toBe(1);
    await detector.close?.();
    expect(stream.closed).toBe(1);
  });
});
