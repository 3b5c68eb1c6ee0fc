import { InputError } from '../../core/errors.js';
import type { Recipe } from '../recipe.js';
import { defaultRecipe } from './default.js';
import { drawnRecipe } from './drawn.js';
import { referenceRecipe } from './reference.js';

/** Recipes that come with Mien. */
export const recipes: readonly Recipe[] = [defaultRecipe, referenceRecipe, drawnRecipe];

/** The recipe of a name. @throws InputError listing those there are */
export function recipeOf(name: string): Recipe {
  const found = recipes.find((recipe) => recipe.name === name);
  if (found !== undefined) return found;
  throw new InputError({
    where: '--recipe',
    received: `"${name}"`,
    expected: `one of ${recipes.map((recipe) => recipe.name).join(', ')}`,
  });
}
