import { describe, expect, it } from 'vitest';

import { createRandom } from '../../core/random.js';
import { drawFaces } from '../draw/draw.js';
import { imageAt, type Picture } from '../images.js';
import { perturbations, type PerturbationName } from './perturbations.js';

const face = imageAt(drawFaces({ classes: ['happy'], perClass: 1 }), 0);
const random = () => createRandom(1).fork('face');

async function changed(name: PerturbationName, value: number, picture = face): Promise<Picture> {
  const found = perturbations.find((one) => one.name === name);
  return found!.apply(picture, value, random());
}

function distance(a: Picture, b: Picture): number {
  return a.pixels.reduce((sum, value, i) => sum + Math.abs(value - b.pixels[i]!), 0) / a.pixels.length;
}

describe('perturbations', () => {
  it.each(perturbations)(
    '$name goes further with its severity on both sides, and repeats itself',
    async (one) => {
      const clean = one.severities.findIndex(({ value }) => value === null);
      const distances: number[] = [];
      for (const { value } of one.severities) {
        const picture = value === null ? face : await one.apply(face, value, random());
        expect([picture.height, picture.width, picture.channels]).toEqual([48, 48, 1]);
        expect(picture.pixels).toHaveLength(48 * 48);
        if (value !== null) expect((await one.apply(face, value, random())).pixels).toEqual(picture.pixels);
        distances.push(distance(picture, face));
      }
      expect(distances[clean]).toBe(0);
      for (let i = clean + 1; i < distances.length; i++)
        expect(distances[i]).toBeGreaterThan(distances[i - 1]!);
      for (let i = clean - 1; i >= 0; i--) expect(distances[i]).toBeGreaterThan(distances[i + 1]!);
    },
  );

  it('says what each number does', async () => {
    const pixels = Uint8Array.from([10, 200, 30, 40]);
    const small: Picture = { height: 2, width: 2, channels: 1, pixels };
    expect([...(await changed('brightness', 2, small)).pixels]).toEqual([20, 255, 60, 80]);
    const line: Picture = { height: 1, width: 9, channels: 1, pixels: new Uint8Array(9) };
    line.pixels[4] = 255;
    // exp(-d²/2) over its sum for d = -3..3: 0.399, 0.242, 0.054, 0.004 of 255.
    expect([...(await changed('blur', 1, line)).pixels]).toEqual([0, 1, 14, 62, 102, 62, 14, 1, 0]);
    const quarter = await changed('rotation', 90);
    expect(quarter.pixels[0]).toBe(face.pixels[47]);
  });

  it('covers the share of the area that it names, growing from one place', async () => {
    const noise = createRandom(3);
    const picture = { ...face, pixels: face.pixels.map(() => noise.integer(256)) };
    const covered = async (share: number) => {
      const { pixels } = await changed('occlusion', share, picture);
      return [...pixels.keys()].filter((i) => pixels[i] !== picture.pixels[i]);
    };
    const [few, many] = [await covered(0.1), await covered(0.4)];
    expect(few.length / 2304).toBeCloseTo(0.1, 1);
    expect(many.length / 2304).toBeCloseTo(0.4, 1);
    expect(few.every((place) => many.includes(place))).toBe(true);
  });

  it('keeps the channels of colour pictures apart', async () => {
    const pixels = Uint8Array.from({ length: 48 * 48 * 3 }, (_, i) => [250, 120, 5][i % 3]!);
    const colour: Picture = { height: 48, width: 48, channels: 3, pixels };
    for (const name of ['blur', 'rotation', 'scale', 'occlusion'] as const)
      expect((await changed(name, 0.5, colour)).pixels).toEqual(pixels);
    expect(distance(await changed('jpeg', 90, colour), colour)).toBeLessThan(4);
  });
});
