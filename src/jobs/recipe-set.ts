import { parse } from 'yaml';

import { InputError } from '../core/errors.js';
import type { Recipe } from '../train/recipe.js';
import { describe, unknownField, type Field } from './fields.js';
import { checkRecipe, recipeFields } from './recipe-fields.js';

/**
 * A recipe with one setting changed, as `--set` does: `path=value`, the path's parts separated by dots, the
 * value as YAML. Stages go by number from 1, by name, or by `*` for all; `none` removes a setting.
 *
 * @throws InputError for an unknown path or a value of the wrong kind
 * @example
 * setInRecipe(recipe, 'stages.all.loss.labelSmoothing=0.05');
 * setInRecipe(recipe, 'stages.*.mixup={alpha: 0.4}');
 */
export function setInRecipe(recipe: Recipe, assignment: string): Recipe {
  const split = assignment.indexOf('=');
  const where = `--set ${assignment}`;
  if (split < 1) {
    throw new InputError({ where, received: 'no "="', expected: 'path=value, e.g. head.dropout=0.3' });
  }
  const path = assignment.slice(0, split).split('.');
  const changed = assign({ where, value: valueOf(where, assignment.slice(split + 1)) }, recipe, path, {
    ...recipeFields,
  });
  return checkRecipe(changed);
}

interface Assignment {
  readonly where: string;
  /** Undefined removes the setting. */
  readonly value: unknown;
}

function valueOf(where: string, text: string): unknown {
  if (text === 'none') return undefined;
  try {
    return parse(text) as unknown;
  } catch (error) {
    throw new InputError({ where, received: `"${text}"`, expected: 'a value in YAML' }, { cause: error });
  }
}

/** A copy of `target` with the value at `path`; records that are not there yet are made. */
function assign(to: Assignment, target: unknown, path: readonly string[], field: Field): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return to.value;
  if (field.kind === 'list' && Array.isArray(target)) {
    const chosen = itemsOf(to.where, target, step);
    return target.map((item: unknown, i) => (chosen.includes(i) ? assign(to, item, rest, field.of) : item));
  }
  if (field.kind !== 'record') {
    const received = `"${step}" inside ${describe(field)}`;
    throw new InputError({ where: to.where, received, expected: 'a path that ends there' });
  }
  const inner = field.fields[step];
  if (inner === undefined) throw unknownField(to.where, step, field);
  const { [step]: old, ...others } = (target ?? {}) as Record<string, unknown>;
  const next = assign(to, old, rest, inner);
  return next === undefined ? others : { ...(target ?? {}), [step]: next };
}

function itemsOf(where: string, items: readonly unknown[], step: string): number[] {
  const all = [...items.keys()];
  const names = items.map((item) => (item as { name?: string }).name ?? '');
  const chosen = all.filter((i) => step === '*' || step === String(i + 1) || step === names[i]);
  if (chosen.length > 0) return chosen;
  const expected = `a number from 1 to ${items.length}, a name (${names.join(', ')}) or *`;
  throw new InputError({ where, received: `"${step}"`, expected });
}
