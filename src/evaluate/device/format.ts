import { alignTable, groupDigits, shorten } from '../table.js';
import type { Agreement, AgreementPair, Parting } from './agreement.js';

/** Pictures and changes listed at most. */
const LISTED = 12;

/** An agreement as text for people: accuracies, pairs, and where they part. */
export function formatAgreement(agreement: Agreement): string {
  const { images, pairs, parted } = agreement;
  const same = images - parted.length;
  return [
    `${groupDigits(images)} pictures, the same answer of all on ${groupDigits(same)}`,
    '',
    ...alignTable(accuracyRows(agreement)),
    '',
    ...alignTable(pairRows(pairs), [0, 6]),
    ...pairs.flatMap(changeLines),
    ...partedLines(agreement),
    '',
  ].join('\n');
}

function accuracyRows({ models, classes }: Agreement): string[][] {
  const header = ['', 'accuracy', 'macro', ...classes];
  const rows = models.map(({ name, accuracy, macroAccuracy, perClass }) => [
    name,
    ...[accuracy, macroAccuracy, ...classes.map((one) => perClass[one] ?? null)].map(percent),
  ]);
  return [header, ...rows];
}

function pairRows(pairs: readonly AgreementPair[]): string[][] {
  const header = [
    'pair',
    'agree',
    'only first right',
    'only second right',
    'mean |Δp|',
    'largest',
    'McNemar',
  ];
  const rows = pairs.map((pair) => [
    `${pair.first}, ${pair.second}`,
    percent(pair.agreement),
    String(pair.onlyFirstRight),
    String(pair.onlySecondRight),
    probability(pair.meanDifference),
    probability(pair.largestDifference),
    `p = ${pair.mcnemar.p.toPrecision(2)} (${pair.mcnemar.method})`,
  ]);
  return [header, ...rows];
}

function changeLines({ first, second, changes }: AgreementPair): string[] {
  if (changes.length === 0) return [];
  const shown = changes.slice(0, LISTED).map(({ from, to, images }) => `${from} → ${to} ${images}`);
  const more = changes.length > LISTED ? ` and ${changes.length - LISTED} more` : '';
  return ['', `${first} → ${second}: ${shown.join(', ')}${more}`];
}

function partedLines({ models, parted }: Agreement): string[] {
  if (parted.length === 0) return [];
  const names = models.map(({ name }) => name);
  const rows = parted.slice(0, LISTED).map((one) => partedRow(one, names));
  const table = alignTable([['picture', 'class', ...names], ...rows], [0, 1, ...names.map((_, i) => i + 2)]);
  return ['', `Where they part, the surest of ${names[0] ?? ''} first (${parted.length} in all):`, ...table];
}

function partedRow({ file, label, answers }: Parting, names: readonly string[]): string[] {
  const cell = (name: string) => {
    const { class: answer = '', p = null } = answers[name] ?? {};
    return p === null ? answer : `${answer} ${p.toFixed(2)}`;
  };
  return [shorten(file, 48), label, ...names.map(cell)];
}

function percent(rate: number | null): string {
  return rate === null ? '-' : `${(100 * rate).toFixed(2)} %`;
}

function probability(value: number | null): string {
  return value === null ? '-' : value.toFixed(4);
}
