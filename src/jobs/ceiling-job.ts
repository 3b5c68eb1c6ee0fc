import { labelCeiling, type Ceiling, type CeilingFigure } from '../data/ceiling.js';
import type { ClassMap } from '../data/class-map.js';
import { defaultClasses, type Split } from '../data/images.js';
import { alignTable, groupDigits } from '../evaluate/table.js';
import type { JobHooks } from './events.js';
import { loadClasses } from './load-classes.js';
import { splitTitle } from './drawn-data.js';
import { readVotes } from './read-votes.js';

/** What {@link ceilingJob} compares. */
export interface CeilingOptions {
  readonly data: string;
  /** CSV file of people's votes. */
  readonly votes: string;
  /** Default `test`. */
  readonly split?: Split;
  /** Default the five of {@link defaultClasses}. */
  readonly classes?: readonly string[];
  readonly map?: ClassMap;
  readonly cacheDir?: string;
}

/** A {@link Ceiling} with where it comes from. */
export interface SplitCeiling extends Ceiling {
  readonly split: string;
}

/**
 * How well people's votes meet the labels of a split: a ceiling for what labels of this kind can be met.
 * @throws InputError when data or votes cannot be read or do not belong together
 * @example const { best } = await ceilingJob({ data: 'fer2013', votes: 'ferplus.csv' });
 */
export async function ceilingJob(
  { votes: file, split = 'test', classes = defaultClasses, map, ...options }: CeilingOptions,
  hooks: JobHooks = {},
): Promise<SplitCeiling> {
  const votes = readVotes('--votes', file);
  const { images } = await loadClasses({
    ...{ ...options, split, classes, map, onCorrupt: 'skip' as const },
    // Pixels play no part; these are the ones that other verbs keep decoded.
    sourceSize: [48, 48],
    colour: 'grey',
    onProgress: ({ done, total }) =>
      hooks.onEvent?.({ kind: 'working', what: `reading ${split} images`, done, total }),
  });
  return { split: splitTitle(options.data, split), ...labelCeiling(images, votes, map) };
}

/** A ceiling as text for a terminal. */
export function formatCeiling({ split, classes, n, counted, notAFace, ...figures }: SplitCeiling): string {
  const row = (title: string, { accuracy, standardError, macroAccuracy, perClass }: CeilingFigure) => [
    title,
    accuracy.toFixed(4),
    `± ${standardError.toFixed(4)}`,
    macroAccuracy.toFixed(4),
    ...classes.map((name) => perClass[name]?.toFixed(3) ?? '-'),
  ];
  const table = alignTable([
    ['', 'accuracy', 'standard error', 'macro', ...classes],
    row('one person', figures.voter),
    row('most frequent answer', figures.majority),
    row('best of any answer', figures.best),
  ]);
  const known = `${groupDigits(counted)} of ${groupDigits(n)} images have votes for one of ${classes.length} classes`;
  return [
    `Labels of "${split}" and people's votes: ${known}, ${groupDigits(notAFace)} are no face to most`,
    '',
    ...table,
    '',
    'The first two rows are measured against the labels; the third is what the best answer would reach in the mean if',
    'labels were votes of one person.',
    '',
  ].join('\n');
}
