import type { ExactAudit, NamedImage } from './audit.js';
import type { NearAudit } from './audit-near.js';
import type { QualityAudit } from './audit-quality.js';
import { type CleanList, type CleanReason, CLEAN_REASONS } from './clean-list.js';

/** A training picture whose label is probably wrong. */
export interface LabelError {
  readonly name: string;
  readonly class: string;
  readonly suggested: string;
  /** Out-of-fold probability of the suggested class minus that of the label. */
  readonly margin: number;
  /** What most voters say, where votes are given; null where two answers have as many. */
  readonly voted?: string | null;
}

/** What confident learning says about the training pictures that the runs held out. */
export interface LabelAudit {
  readonly runs: readonly string[];
  readonly classes: readonly string[];
  /** Training pictures with an out-of-fold answer, of all pictures of these classes. */
  readonly covered: number;
  readonly of: number;
  /** Estimated share of wrong labels among the covered ones. */
  readonly noise: number;
  /** Estimated shares by given (row) and true class (column). */
  readonly joint: readonly (readonly number[])[];
  /** The clearest first. */
  readonly errors: readonly LabelError[];
  /** Where votes are given: errors that have a majority, and how often it is the suggestion or the label. */
  readonly votes?: { readonly known: number; readonly suggestion: number; readonly label: number };
  readonly notes: readonly string[];
}

/** A picture that most voters called no face. */
export interface NotAFace extends NamedImage {
  /** Votes for "no face" and for anything. */
  readonly votes: readonly [noFace: number, all: number];
}

/** Everything that an audit found, made of plain values, ready for JSON. */
export interface DataAudit extends ExactAudit {
  readonly data: string;
  readonly classes: readonly string[];
  /** Side in pixels at which pictures were compared. */
  readonly size: number;
  /** Drawn by Mien, no photographs. */
  readonly drawn: boolean;
  readonly near: NearAudit;
  readonly quality: QualityAudit;
  /** Present where votes were given. */
  readonly notFaces?: readonly NotAFace[];
  /** Present where runs were given. */
  readonly labels?: LabelAudit;
}

/** Training pictures that an audit finds fault with, by name, each with all of its reasons. */
export function faultsOf(audit: DataAudit): CleanList {
  const list = new Map<string, CleanReason[]>();
  const add = (reason: CleanReason, names: readonly string[]) => {
    for (const name of names) {
      const reasons = list.get(name) ?? [];
      if (!reasons.includes(reason)) list.set(name, [...reasons, reason]);
    }
  };
  for (const [reason, names] of Object.entries(namesByReason(audit))) add(reason as CleanReason, names);
  return list;
}

/** The part of {@link faultsOf} that has one of some reasons, with those reasons only. */
export function cleanListOf(audit: DataAudit, wanted: readonly CleanReason[]): CleanList {
  const kept = [...faultsOf(audit)].map(
    ([name, reasons]) => [name, reasons.filter((reason) => wanted.includes(reason))] as const,
  );
  return new Map(kept.filter(([, reasons]) => reasons.length > 0));
}

/** All reasons. */
export const cleanReasons = Object.keys(CLEAN_REASONS) as CleanReason[];

/** What is left out unless other reasons are named: nothing that needs the test part, and no near copies. */
export const defaultCleanReasons: readonly CleanReason[] = [
  'copy',
  'conflict',
  'constant',
  'not-a-face',
  'label-error',
];

function namesByReason({
  train,
  leaked,
  near,
  notFaces = [],
  labels,
}: DataAudit): Record<CleanReason, string[]> {
  const names = (images: readonly NamedImage[]) => images.map(({ name }) => name);
  const trainOf = (group: NearAudit['groups'][number]) =>
    names(group.images.filter(({ split }) => split === 'train'));
  const across = near.groups.filter(({ images }) => images.some(({ split }) => split === 'test'));
  return {
    copy: (train?.copies ?? []).flatMap((group) => names(group).slice(1)),
    conflict: (train?.conflictingGroups ?? []).flatMap(names),
    constant: names(train?.constantImages ?? []),
    'not-a-face': names(notFaces),
    'label-error': (labels?.errors ?? []).map(({ name }) => name),
    leaked: (leaked?.list ?? []).flatMap(({ copies }) => names(copies)),
    'near-copy': near.groups.flatMap((group) => trainOf(group).slice(1)),
    'near-conflict': near.groups.filter(({ conflicting }) => conflicting).flatMap(trainOf),
    'near-leaked': across.flatMap(trainOf),
  };
}
