import { InputError } from '../core/errors.js';
import { checkClasses, type ImageSet } from './images.js';

/** Classes made of others: `{ positive: ['happy'], negative: ['angry', 'sad'] }`, in label order. */
export type ClassMap = Readonly<Record<string, readonly string[]>>;

/**
 * Throws unless every class is made of one other at least and none of those is used twice.
 * @throws InputError
 */
export function checkClassMap(where: string, map: ClassMap): ClassMap {
  checkClasses(where, Object.keys(map));
  checkClasses(where, Object.values(map).flat());
  const empty = Object.keys(map).find((name) => map[name]?.length === 0);
  if (empty === undefined) return map;
  throw new InputError({ where, received: `nothing for "${empty}"`, expected: 'one class or several' });
}

/**
 * Reads `positive=happy neutral=neutral negative=angry,sad`.
 * @throws InputError
 * @example parseClassMap('--map', 'positive=happy negative=angry,sad')
 */
export function parseClassMap(where: string, text: string): ClassMap {
  const parts = text.split(/[\s;]+/).filter((part) => part !== '');
  const entries = parts.map((part) => {
    const [name = '', from = '', ...rest] = part.split('=');
    if (name === '' || from === '' || rest.length > 0) {
      const expected = 'pairs like positive=happy negative=angry,sad';
      throw new InputError({ where, received: `"${part}"`, expected });
    }
    return [name, from.split(',')] as const;
  });
  const names = entries.map(([name]) => name);
  checkClasses(where, names);
  return checkClassMap(where, Object.fromEntries(entries));
}

/**
 * Relabels images by the classes that theirs are part of.
 * @param set images of exactly the classes that the map names, in its order
 */
export function mergeClasses(set: ImageSet, map: ClassMap): ImageSet {
  const classes = Object.keys(map);
  const target = set.classes.map((name) => classes.findIndex((merged) => (map[merged] ?? []).includes(name)));
  return { ...set, classes, labels: set.labels.map((label) => target[label] ?? 0) };
}
