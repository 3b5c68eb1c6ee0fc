import { describe, expect, it } from 'vitest';

import { drawFaces } from '../data/draw/draw.js';
import { type ImageSet, pixelsAt, subset } from '../data/images.js';
import { recipeOf } from '../train/recipes/index.js';
import { checkRecipe } from './recipe-fields.js';
import { holdsOut, splitImages } from './split-images.js';

const drawn = recipeOf('drawn');
const faces = drawFaces({ classes: ['happy', 'sad'], perClass: 30, seed: 2 });

/** Every face and, behind them, every face a little darker. */
function withNearCopies(): ImageSet {
  const all = [...faces.names.keys()];
  const set = subset(faces, [...all, ...all]);
  for (const image of all) {
    pixelsAt(set, all.length + image).set(pixelsAt(faces, image).map((value) => value * 0.8));
  }
  return set;
}

describe('splitImages', () => {
  it('keeps near copies on one side where asked to', () => {
    const set = withNearCopies();
    const torn = (recipe: typeof drawn) => {
      const held = new Set(splitImages(set, recipe, 1).validation);
      return [...faces.names.keys()].filter((image) => held.has(image) !== held.has(60 + image)).length;
    };
    expect(torn(drawn)).toBeGreaterThan(5);
    expect(torn(checkRecipe({ ...drawn, splitGroups: 'near' }))).toBe(0);
    expect(torn(checkRecipe({ ...drawn, splitGroups: 'near', fold: { part: 2, of: 3 } }))).toBe(0);
  });

  it('holds out a fold in place of a share', () => {
    const parts = [1, 2, 3].flatMap(
      (part) => splitImages(faces, { ...drawn, validationFraction: 0, fold: { part, of: 3 } }, 7).validation,
    );
    expect(parts.sort((a, b) => a - b)).toEqual([...faces.names.keys()]);
    expect(holdsOut({ ...drawn, validationFraction: 0, fold: { part: 1, of: 3 } })).toBe(true);
    expect(holdsOut({ ...drawn, validationFraction: 0 })).toBe(false);
  });
});
