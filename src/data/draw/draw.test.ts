import { describe, expect, it } from 'vitest';

import { createRandom } from '../../core/random.js';
import { countsPerClass, imageCount } from '../images.js';
import {
  ACTION_UNITS,
  EMOTION_UNITS,
  EMOTIONS,
  drawExpression,
  expressionOf,
  type Emotion,
} from './actions.js';
import { checkEmotions, drawFaces, spreadOver } from './draw.js';
import { randomFace, type Face } from './face.js';
import { mouthOf } from './mouth.js';
import { renderFace } from './render.js';

describe('drawFaces', () => {
  it('repeats for a seed and differs between seeds, splits and indices', () => {
    const options = { classes: ['sad', 'happy'], perClass: 2, seed: 5 };
    const faces = drawFaces(options);
    expect(drawFaces(options)).toEqual(faces);
    expect(drawFaces({ ...options, seed: 6 }).pixels).not.toEqual(faces.pixels);
    expect(drawFaces({ ...options, split: 'test' }).pixels).not.toEqual(faces.pixels);
    expect(faces.pixels.subarray(0, 2304)).not.toEqual(faces.pixels.subarray(2304, 4608));
  });

  it('keeps a face whatever else is drawn', () => {
    const alone = drawFaces({ classes: ['fear'], perClass: 1, seed: 5 });
    const among = drawFaces({ classes: ['angry', 'fear'], perClass: [3, 2], seed: 5 });
    expect(among.pixels.subarray(3 * 2304, 4 * 2304)).toEqual(alone.pixels);
  });

  it('labels, names and counts the faces by class', () => {
    const faces = drawFaces({ classes: ['sad', 'happy'], perClass: [1, 2], split: 'test' });
    expect([faces.height, faces.width, faces.channels, imageCount(faces)]).toEqual([48, 48, 1, 3]);
    expect(countsPerClass(faces)).toEqual([1, 2]);
    expect(faces.names).toEqual([
      'test/sad/drawn_00001.png',
      'test/happy/drawn_00001.png',
      'test/happy/drawn_00002.png',
    ]);
  });

  it('names what is wrong', () => {
    expect(() => drawFaces({ classes: ['joy'], perClass: 1 })).toThrow(
      'drawn classes: received "joy", expected one of angry, disgust, fear, happy, neutral, sad, surprise.',
    );
    expect(() => checkEmotions(['sad', 'sad'])).toThrow(
      'drawn classes: received "sad sad", expected each class once.',
    );
    expect(() => checkEmotions([])).toThrow('drawn classes: received no class, expected each class once.');
    expect(() => drawFaces({ classes: ['sad'], perClass: [1, 2] })).toThrow(
      'perClass: received 2 numbers, expected one per class (1).',
    );
    expect(() => drawFaces({ perClass: 1.5 })).toThrow(
      'perClass: received 1.5, expected an integer of at least 0.',
    );
  });

  it('draws contrast: no face is a flat or a saturated field', () => {
    const { pixels } = drawFaces({ perClass: 4, seed: 9 });
    for (let start = 0; start < pixels.length; start += 2304) {
      const face = pixels.subarray(start, start + 2304);
      expect(deviation(face)).toBeGreaterThan(10);
      expect(face.filter((grey) => grey === 0 || grey === 255).length).toBeLessThan(2304 * 0.7);
    }
  });
});

describe('spreadOver', () => {
  it('gives every class the same number, the rest to the first', () => {
    expect(spreadOver(8, ['happy', 'sad', 'fear'], 'equal')).toEqual([3, 3, 2]);
  });

  it('follows FER2013, where disgust is rare, and keeps every class', () => {
    expect(spreadOver(1000, EMOTIONS, 'fer2013')).toEqual([139, 16, 143, 250, 173, 168, 111]);
    expect(spreadOver(7, EMOTIONS, 'fer2013')).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(() => spreadOver(6, EMOTIONS, 'fer2013')).toThrow(
      'drawn faces: received 6, expected an integer of at least 7.',
    );
  });
});

describe('action units', () => {
  it.each([
    ['angry', [4, 5, 7, 23]],
    ['disgust', [9, 15, 16]],
    ['fear', [1, 2, 4, 5, 20, 26]],
    ['happy', [6, 12]],
    ['neutral', []],
    ['sad', [1, 4, 15]],
    ['surprise', [1, 2, 5, 26]],
  ] as const)('%s shows its prototype in every sample', (emotion, units) => {
    expect(EMOTION_UNITS[emotion].filter(({ chance }) => chance === 1).map(({ unit }) => unit)).toEqual(
      units,
    );
  });

  it('moves what the units move, more with more intensity', () => {
    expect(expressionOf(new Map([[12, 0.5]])).cornerPull).toBe(0.5);
    expect(
      expressionOf(
        new Map([
          [9, 1],
          [4, 0.5],
        ]),
      ).browLower,
    ).toBeCloseTo(0.95);
    expect(ACTION_UNITS[12].name).toBe('lip corner puller');
  });

  it('varies between samples', () => {
    const pulls = Array.from({ length: 50 }, (_, i) => drawExpression('happy', createRandom(i)).cornerPull);
    expect(Math.min(...pulls)).toBeLessThan(0.7);
    expect(Math.max(...pulls)).toBeGreaterThan(0.9);
  });
});

describe('the drawn face', () => {
  it('opens the mouth in surprise, curves it up in joy and down in sadness', () => {
    const opening = (face: Face) => mouthOf(face).lowerInner(0) - mouthOf(face).upperInner(0);
    const lift = (face: Face) => mouthOf(face).upperInner(0) - mouthOf(face).upperInner(1);
    expect(mean('surprise', opening)).toBeGreaterThan(mean('neutral', opening) + 2);
    expect(mean('happy', lift)).toBeGreaterThan(1.5);
    expect(mean('sad', lift)).toBeLessThan(-1);
    expect(Math.abs(mean('neutral', lift))).toBeLessThan(0.5);
  });

  it('shows each emotion in the pixels: same person, another expression', () => {
    const resting = facing('neutral', 3);
    for (const emotion of EMOTIONS.filter((name) => name !== 'neutral')) {
      const pixels = renderFace({ ...resting, expression: strong(emotion) }, createRandom(0));
      expect(distance(pixels, renderFace(resting, createRandom(0))), emotion).toBeGreaterThan(2);
    }
  });

  it('darkens the mouth in surprise', () => {
    const resting = facing('neutral', 3);
    const surprised = renderFace({ ...resting, expression: strong('surprise') }, createRandom(0));
    expect(mouthGrey(surprised)).toBeLessThan(0.8 * mouthGrey(renderFace(resting, createRandom(0))));
  });
});

/** A frontal, evenly lit, noise-free face. */
function facing(emotion: Emotion, seed: number): Face {
  const face = randomFace(emotion, createRandom(seed));
  const pose = { yaw: 0, pitch: 0, roll: 0, shift: [0, 0], zoom: 1.1 } as const;
  const scene = { ...face.scene, light: [0, 0] as const, brightness: 0, contrast: 1, noise: 0 };
  return {
    ...face,
    identity: { ...face.identity, beard: 0, moustache: 0, skin: 0.6 },
    pose,
    scene,
    asymmetry: 0,
  };
}

function strong(emotion: Emotion) {
  return expressionOf(new Map(EMOTION_UNITS[emotion].map(({ unit, strength }) => [unit, strength])));
}

function mean(emotion: Emotion, measure: (face: Face) => number): number {
  const values = Array.from({ length: 40 }, (_, i) => measure(randomFace(emotion, createRandom(i))));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean grey of a window where an open mouth is. */
function mouthGrey(pixels: Uint8Array): number {
  const window = [35, 36, 37, 38, 39].flatMap((row) => [...pixels.subarray(row * 48 + 21, row * 48 + 28)]);
  return window.reduce((sum, grey) => sum + grey, 0) / window.length;
}

function distance(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, grey, i) => sum + Math.abs(grey - b[i]!), 0) / a.length;
}

function deviation(pixels: Uint8Array): number {
  const average = pixels.reduce((sum, grey) => sum + grey, 0) / pixels.length;
  return Math.sqrt(pixels.reduce((sum, grey) => sum + (grey - average) ** 2, 0) / pixels.length);
}
