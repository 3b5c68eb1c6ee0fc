import { describe, expect, it } from 'vitest';

import type { Picture } from '../data/images.js';
import { cutFace } from '../faces/crop-face.js';
import type { DetectedFace } from '../faces/face.js';
import { FER2013_FRAMING } from '../faces/framing.js';
import { findRecord, preprocessingOf } from '../models/weights/records.js';
import { cropFace } from './crop.js';
import { wholeFrame, type FaceDetector } from './detector.js';
import { FrameQueue } from './frame-queue.js';
import type { FrameSource } from './frame.js';
import { runLive, type LiveParts } from './pipeline.js';
import type { Recognizer } from './recognizers/recognizer.js';
import { makeFrame } from './testing/frames.js';
import { FaceTracker } from './tracker.js';

/** Answers by the first pixel of the crop: its share of 255 is the second class's probability. */
function recognizer(): Recognizer & { readonly sizes: string[] } {
  const sizes: string[] = [];
  return {
    sizes,
    name: 'fake',
    classes: ['dark', 'light'],
    preprocessing: preprocessingOf(findRecord('mobileNetV3Small', 'torchvision').input, {
      ...{ inputSize: [16, 16], sourceSize: [6, 6], colour: 'grey' },
    } as const),
    recognize: ({ width, height, channels, pixels }) => {
      sizes.push(`${width}×${height}×${channels}`);
      const light = (pixels[0] ?? 0) / 255;
      return Promise.resolve(Float32Array.of(1 - light, light));
    },
    close: () => Promise.resolve(),
  };
}

function sourceOf(
  frames: readonly ReturnType<typeof makeFrame>[],
  error?: Error,
): FrameSource & { closed: number } {
  const queue = new FrameQueue(100, 'wait');
  frames.forEach((frame) => queue.push(frame));
  queue.end(error);
  const source = {
    fps: 25,
    dropped: 3,
    closed: 0,
    next: () => queue.next(),
    close: () => {
      queue.discard();
      source.closed++;
      return Promise.resolve();
    },
  };
  return source;
}

function parts(frames: readonly ReturnType<typeof makeFrame>[], changes: Partial<LiveParts> = {}): LiveParts {
  const tracker = new FaceTracker({ timeConstant: 0, hysteresis: 0 });
  const onFrame = () => Promise.resolve();
  return {
    source: sourceOf(frames),
    detector: wholeFrame(),
    recognizer: recognizer(),
    tracker,
    onFrame,
    ...changes,
  };
}

describe('runLive', () => {
  it('answers every frame, in order, gives it back, and counts', async () => {
    const frames = [0, 255, 51].map((fill, i) => makeFrame(i, { fill, width: 20, height: 12 }));
    const seen: string[] = [];
    const fake = recognizer();
    const run = runLive(
      parts(frames, {
        recognizer: fake,
        onFrame: ({ index }, faces) => {
          const [face] = faces;
          seen.push(
            `${index}: ${face?.shown ?? -1} ${face?.smoothed[1]?.toFixed(2) ?? ''} track ${face?.track ?? 0}`,
          );
          return Promise.resolve();
        },
      }),
    );
    await run.finished;
    expect(seen).toEqual(['0: 0 0.00 track 1', '1: 1 1.00 track 1', '2: 0 0.20 track 1']);
    expect(fake.sizes).toEqual(['6×6×1', '6×6×1', '6×6×1']);
    expect(frames.map((frame) => frame.released())).toEqual([1, 1, 1]);
    const totals = run.totals();
    expect(totals).toMatchObject({ frames: 3, faces: 3, dropped: 3 });
    expect(totals.stages.expression.count).toBe(3);
    expect(totals.stages.total.p95).toBeGreaterThanOrEqual(totals.stages.expression.p50);
  });

  it('takes frames without a face, and with several', async () => {
    const counts = [0, 2, 1];
    const boxes = [0, 10].map((x) => ({ box: { x, y: 0, width: 8, height: 8 }, score: 0.9, keyPoints: [] }));
    const detector: FaceDetector = {
      ...{ name: 'fake', tight: true },
      detect: () => Promise.resolve(boxes.slice(0, counts.shift())),
    };
    const run = runLive(
      parts(
        [0, 1, 2].map((i) => makeFrame(i, { width: 20, height: 12 })),
        { detector },
      ),
    );
    await run.finished;
    expect(run.totals()).toMatchObject({ frames: 3, faces: 3 });
  });

  it('frames faces with key points as mien predict does, and others by the margin', async () => {
    const eyes = ['right eye', 'left eye'].map((name, i) => ({ name, x: 40 + 20 * i, y: 40 }));
    const face = { box: { x: 30, y: 30, width: 40, height: 40 }, score: 0.9 };
    const found: DetectedFace[] = [
      { ...face, keyPoints: eyes },
      { ...face, keyPoints: [] },
      { ...face, keyPoints: eyes, tight: false },
    ];
    const detector: FaceDetector = { name: 'fake', tight: true, detect: () => Promise.resolve(found) };
    const frame = makeFrame(0, { width: 100, height: 100 });
    frame.pixels.forEach((_, i) => (frame.pixels[i] = Math.floor(i / 300)));
    const crops: Picture[] = [];
    const fake = recognizer();
    const recognize = (crop: Picture) => {
      crops.push(crop);
      return fake.recognize(crop);
    };
    await runLive(parts([frame], { detector, margin: 0.25, recognizer: { ...fake, recognize } })).finished;
    const { preprocessing } = fake;
    const rule = { ...FER2013_FRAMING, margin: 0.25 };
    const expected = [
      cutFace(frame, { ...face, keyPoints: eyes }, preprocessing, rule),
      cropFace(frame, face.box, 0.25, preprocessing),
      cropFace(frame, face.box, 0, preprocessing),
    ];
    expect(crops).toEqual(expected);
    expect(expected[0]).not.toEqual(expected[1]);
  });

  it('ends after so many frames, and when asked, and closes the source', async () => {
    const frames = [0, 1, 2].map((i) => makeFrame(i));
    const limited = sourceOf(frames);
    const run = runLive(parts(frames, { source: limited, maxFrames: 2 }));
    await run.finished;
    expect([run.totals().frames, limited.closed]).toEqual([2, 1]);

    const abort = new AbortController();
    const endless = new FrameQueue(1, 'wait');
    const source = {
      fps: 25,
      dropped: 0,
      next: () => endless.next(),
      close: () => {
        endless.discard();
        return Promise.resolve();
      },
    };
    const waiting = runLive(parts([], { source, signal: abort.signal }));
    abort.abort();
    await waiting.finished;
    expect(waiting.totals()).toMatchObject({ frames: 0, seconds: 0, framesPerSecond: 0 });
  });

  it('passes on what breaks, with the frames before counted', async () => {
    const frames = [makeFrame(0)];
    const source = sourceOf(frames, new Error('the camera is gone'));
    const run = runLive(parts(frames, { source }));
    await expect(run.finished).rejects.toThrow('the camera is gone');
    expect([run.totals().frames, source.closed]).toEqual([1, 1]);
  });
});
