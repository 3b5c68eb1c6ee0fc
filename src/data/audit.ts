import {
  type Leak,
  conflictingGroups,
  constantImages,
  groupsOf,
  leaksOf,
  membersOf,
  surplusCopies,
} from './duplicates.js';
import { type ImageSet, countsPerClass, imageCount } from './images.js';
import { textTable } from './sampling.js';

/** A picture by name and class. */
export interface NamedImage {
  readonly name: string;
  readonly class: string;
}

/** What exact comparison finds inside one split. */
export interface SplitAudit {
  readonly images: number;
  readonly perClass: Readonly<Record<string, number>>;
  /** Copies beyond the first of each picture. */
  readonly surplusCopies: number;
  /** Groups of equal pictures. */
  readonly copies: readonly (readonly NamedImage[])[];
  /** Groups of equal pictures with different labels. */
  readonly conflictingGroups: readonly (readonly NamedImage[])[];
  /** Pictures of one colour throughout. */
  readonly constantImages: readonly NamedImage[];
}

/** A test picture that is in the training split too. */
export interface LeakedImage extends NamedImage {
  /** Its copies in the training split. */
  readonly copies: readonly NamedImage[];
}

/** Test pictures that are exact copies of training pictures. */
export interface LeakAudit {
  readonly images: number;
  readonly perClass: Readonly<Record<string, number>>;
  /** Those of which no training copy has the same label. */
  readonly otherLabel: number;
  readonly list: readonly LeakedImage[];
}

/** The report of {@link auditExact}, made of plain values, ready for JSON. */
export interface ExactAudit {
  readonly version: 1;
  readonly train?: SplitAudit;
  readonly test?: SplitAudit;
  /** Present when both splits are. */
  readonly leaked?: LeakAudit;
}

/**
 * Compares decoded pictures pixel for pixel: copies, contradicting labels, constant pictures, and test
 * pictures that training has seen. Re-encoded or shifted copies are not found.
 *
 * @throws InputError when the two splits differ in size or channels.
 *
 * @example
 * console.log(formatExactAudit(auditExact({ train: train.images, test: test.images })));
 */
export function auditExact(sets: { readonly train?: ImageSet; readonly test?: ImageSet }): ExactAudit {
  const { train, test } = sets;
  return {
    version: 1,
    ...(train && { train: auditSplit(train) }),
    ...(test && { test: auditSplit(test) }),
    ...(train && test && { leaked: auditLeaks(test, train) }),
  };
}

/** Renders an audit as text: a table of class sizes, then one line per finding. */
export function formatExactAudit({ train, test, leaked }: ExactAudit): string {
  return [
    classTable([train, test, leaked]),
    ...findings('train', train),
    ...findings('test', test),
    ...(leaked ? [leakLine(leaked)] : []),
  ].join('\n');
}

function auditSplit(set: ImageSet): SplitAudit {
  const groups = groupsOf(set);
  const named = (index: number) => nameOf(set, index);
  return {
    images: imageCount(set),
    perClass: byName(set.classes, countsPerClass(set)),
    surplusCopies: surplusCopies(groups),
    copies: membersOf(groups)
      .filter((members) => members.length > 1)
      .map((members) => members.map(named)),
    conflictingGroups: conflictingGroups(set, groups).map((members) => members.map(named)),
    constantImages: constantImages(set).map(named),
  };
}

function auditLeaks(test: ImageSet, train: ImageSet): LeakAudit {
  const list = leaksOf(test, train).map((leak) => describeLeak(leak, test, train));
  const counts = test.classes.map((name) => list.filter((image) => image.class === name).length);
  const strangers = list.filter((image) => image.copies.every((copy) => copy.class !== image.class));
  return {
    images: list.length,
    perClass: byName(test.classes, counts),
    otherLabel: strangers.length,
    list,
  };
}

function describeLeak({ index, copies }: Leak, test: ImageSet, train: ImageSet): LeakedImage {
  return { ...nameOf(test, index), copies: copies.map((copy) => nameOf(train, copy)) };
}

function nameOf(set: ImageSet, index: number): NamedImage {
  return { name: set.names[index] ?? '', class: set.classes[set.labels[index] ?? 0] ?? '' };
}

function byName(classes: readonly string[], counts: readonly number[]): Record<string, number> {
  return Object.fromEntries(classes.map((name, label) => [name, counts[label] ?? 0]));
}

function classTable(parts: readonly (SplitAudit | LeakAudit | undefined)[]): string {
  const classes = Object.keys(parts.find((part) => part !== undefined)?.perClass ?? {});
  const columns = [['class', ...classes, 'all']];
  for (const [position, title] of ['train', 'test', 'leaked'].entries()) {
    const part = parts[position];
    if (part === undefined) continue;
    columns.push([title, ...classes.map((name) => String(part.perClass[name] ?? 0)), String(part.images)]);
  }
  return textTable(columns);
}

function findings(title: string, split: SplitAudit | undefined): string[] {
  if (split === undefined) return [];
  return [
    `${title}: ${counted(split.surplusCopies, 'surplus copy', 'surplus copies')}, ` +
      `${counted(split.conflictingGroups.length, 'group', 'groups')} of equal pictures with different labels, ` +
      counted(split.constantImages.length, 'constant picture', 'constant pictures'),
  ];
}

function leakLine({ images, otherLabel }: LeakAudit): string {
  const subject = images === 1 ? 'test picture is an exact copy' : 'test pictures are exact copies';
  return `leaked: ${images} ${subject} of training pictures, ${otherLabel} of them under another label`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
