import type { LeakedImage, NamedImage } from '../../data/audit.js';
import type { PlacedImage } from '../../data/audit-near.js';
import { HEURISTICS } from '../../data/audit-quality.js';
import type { DataAudit } from '../../data/data-audit.js';
import { groupDigits } from '../table.js';
import { labelLines } from './text.js';

/** A picture in the report. */
export interface Figure {
  readonly name: string;
  /** The class that it is said to be of. */
  readonly label: string;
  readonly caption: string;
}

/** A part of the report: what was found, and some of it as rows of pictures that belong together. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly string[];
  readonly rows: readonly (readonly Figure[])[];
  /** Rows in all, of which `rows` are the first. */
  readonly of: number;
}

/** Rows shown of a list of groups, and of single pictures. */
const GROUPS = 40;
const SINGLES = 96;
/** Pictures shown of one group. */
const MEMBERS = 8;

/** The parts of an audit's report, without pictures. */
export function auditSections(audit: DataAudit): Section[] {
  return [...labelSections(audit), ...copySections(audit), ...faceSections(audit), ...qualitySections(audit)];
}

function labelSections({ labels }: DataAudit): Section[] {
  if (labels === undefined) return [];
  const figures = labels.errors.map(({ name, class: given, suggested, margin, voted }) => ({
    name,
    label: given,
    caption: `${given} → ${suggested} ${margin.toFixed(2)}${typeof voted === 'string' ? ` (votes: ${voted})` : ''}`,
  }));
  return [singles('labels', 'Probable label errors', labelLines(labels), figures)];
}

function copySections({ train, test, leaked, near }: DataAudit): Section[] {
  const leaks = leaked?.list ?? [];
  const conflicts = [...(train?.conflictingGroups ?? []), ...(test?.conflictingGroups ?? [])];
  const surplus = [train, test].map((split) => split?.surplusCopies ?? 0);
  const copies = [...(train?.copies ?? []), ...(test?.copies ?? [])].sort((a, b) => b.length - a.length);
  return [
    groups('conflicts', 'Equal pictures, different labels', [counted(conflicts.length, 'group')], conflicts),
    groups(
      'leaks',
      'Test pictures that are in train',
      [
        `${counted(leaks.length, 'exact copy', 'exact copies')} ${leaked?.otherLabel ?? 0} under another label.`,
      ],
      leaks.map(withCopies),
    ),
    groups(
      'near',
      'Near copies',
      [
        `${near.groups.length} groups, ${near.conflictingGroups} with different labels; ${near.leaked.length} test pictures ` +
          'have a near copy in train and no exact one. Red captions: labels differ.',
      ],
      near.groups.map(({ images }) => images),
    ),
    groups(
      'copies',
      'Exact copies',
      [`${groupDigits(surplus[0] ?? 0)} surplus copies in train, ${surplus[1] ?? 0} in test.`],
      copies,
    ),
  ];
}

function withCopies({ copies, ...image }: LeakedImage): NamedImage[] {
  return [image, ...copies];
}

function faceSections({ train, test, notFaces, quality }: DataAudit): Section[] {
  const constant = [...(train?.constantImages ?? []), ...(test?.constantImages ?? [])];
  const rules = Object.entries(HEURISTICS).map(([rule, meaning]) => `${rule}: ${meaning}.`);
  const voted = (notFaces ?? []).map(({ name, class: label, votes: [no, all] }) => ({
    name,
    label,
    caption: `${label}, ${no} of ${all}`,
  }));
  const lines = ['Rules of thumb, to be looked at and not to be believed:', ...rules];
  const suspects = quality.suspects.map(({ rule, ...image }) => captioned(image, rule));
  return [
    singles('constant', 'One colour throughout', [counted(constant.length, 'picture')], constant.map(plain)),
    ...(notFaces === undefined
      ? []
      : [singles('votes', 'No face, by votes', ['At least half of the voters say that it is none.'], voted)]),
    singles('suspects', 'No photograph of a face, by rules of thumb', lines, suspects),
  ];
}

function qualitySections({ quality }: DataAudit): Section[] {
  const figures = (list: readonly (PlacedImage & { readonly value: number })[]) =>
    list.slice(0, 24).map((image) => captioned(image, image.value.toFixed(1)));
  const blurred = 'Smallest variance of the Laplacian. It is small in flat pictures too.';
  return [
    singles('blurred', 'Most blurred', [blurred], figures(quality.blurred)),
    singles('flat', 'Least contrast', ['Smallest deviation of brightness.'], figures(quality.flat)),
  ];
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${groupDigits(count)} ${count === 1 ? one : many}.`;
}

function plain(image: NamedImage): Figure {
  return { name: image.name, label: image.class, caption: image.class };
}

function captioned(image: NamedImage, text: string): Figure {
  return { name: image.name, label: image.class, caption: `${image.class}, ${text}` };
}

function singles(id: string, title: string, lines: readonly string[], figures: readonly Figure[]): Section {
  return { id, title, lines, rows: figures.slice(0, SINGLES).map((figure) => [figure]), of: figures.length };
}

function groups(
  id: string,
  title: string,
  lines: readonly string[],
  list: readonly (readonly NamedImage[])[],
): Section {
  const rows = list.slice(0, GROUPS).map((images) => {
    const shown = images.slice(0, MEMBERS).map(placed);
    const hidden = images.length - shown.length;
    const last = shown.at(-1);
    if (hidden === 0 || last === undefined) return shown;
    return [...shown.slice(0, -1), { ...last, caption: `${last.caption}, and ${hidden} more` }];
  });
  return { id, title, lines, rows, of: list.length };
}

/** The split is part of a name: `test/…`, or `PublicTest/…` in a CSV file. */
function placed({ name, class: label }: NamedImage): Figure {
  return { name, label, caption: /test/i.test(name.split('/')[0] ?? '') ? `${label} (test)` : label };
}
