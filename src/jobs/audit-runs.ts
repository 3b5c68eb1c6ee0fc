import { existsSync, readFileSync } from 'node:fs';

import { at } from '../core/checks.js';
import { InputError } from '../core/errors.js';
import { confidentLearning } from '../data/confident-learning.js';
import type { LabelAudit, LabelError } from '../data/data-audit.js';
import type { ImageSet } from '../data/images.js';
import type { Votes } from '../data/votes.js';
import { parseCsv } from '../evaluate/csv.js';
import { answerFiles, openRun, type OpenRun } from './compare-runs.js';
import { isShipped } from './shipped.js';

/**
 * Probable label errors from the answers that finished runs gave to their own validation parts: pictures that a run
 * has not trained on. Where several runs held out the same picture, their probabilities are averaged.
 *
 * @throws InputError when a run has no such answers, knows other or merged classes, or was trained on other pictures
 */
export function auditLabels(roots: readonly string[], train: ImageSet, votes?: Votes): LabelAudit {
  const runs = roots.map((root) => openRun(root));
  const classes = at(runs, 0).settings.classes;
  for (const run of runs) checkClassesOf(run, classes);
  const columns = classes.map((name) => train.classes.indexOf(name));
  const answers = gather(runs, train, classes.length);
  const images = [...answers.keys()].filter((image) => columns.includes(at(train.labels, image)));
  if (images.length === 0) throw otherLabels(at(runs, 0), train);
  const labels = images.map((image) => columns.indexOf(at(train.labels, image)));
  const probabilities = Float32Array.from(images.flatMap((image) => answers.get(image) ?? []));
  const { issues, joint, noise } = confidentLearning({ labels, probabilities, classes: classes.length });
  const errors = issues.map(({ image, given, suggested, margin }): LabelError => {
    const name = at(train.names, at(images, image));
    const voted = votes === undefined ? {} : { voted: majority(votes, name) };
    return { name, class: at(classes, given), suggested: at(classes, suggested), margin, ...voted };
  });
  const of = Array.from(train.labels).filter((label) => columns.includes(label)).length;
  return {
    ...{ runs: roots, classes, covered: images.length, of, noise, joint, errors },
    ...(votes === undefined ? {} : { votes: agreement(errors) }),
    notes: notesOn(runs),
  };
}

/** Mean probabilities by training picture. */
function gather(runs: readonly OpenRun[], train: ImageSet, classes: number): Map<number, number[]> {
  const places = new Map(train.names.map((name, image) => [name, image]));
  const sums = new Map<number, { sum: number[]; count: number }>();
  for (const run of runs) {
    const rows = answersOf(run, classes);
    const known = rows.filter(({ file }) => places.has(file));
    if (known.length === 0) throw otherPictures(run, rows[0]?.file);
    for (const { file, probabilities } of known) {
      const image = places.get(file) ?? 0;
      const { sum = probabilities.map(() => 0), count = 0 } = sums.get(image) ?? {};
      sums.set(image, { sum: sum.map((value, k) => value + (probabilities[k] ?? 0)), count: count + 1 });
    }
  }
  return new Map([...sums].map(([image, { sum, count }]) => [image, sum.map((value) => value / count)]));
}

function answersOf({ folder }: OpenRun, classes: number): { file: string; probabilities: number[] }[] {
  const path = answerFiles(folder).validation;
  if (!existsSync(path)) {
    throw new InputError({
      where: folder.root,
      received: 'a run without answers to its validation part',
      expected: 'evaluation/validation/predictions.csv, as a finished run with a validation part has it',
      remedy: `finish it, or run "mien evaluate --model ${folder.root} --split validation"`,
    });
  }
  const [header = [], ...rows] = parseCsv(path, readFileSync(path, 'utf8'));
  if (header.length !== classes + 3 || header[0] !== 'file') {
    const received = `the first line "${header.join(',').slice(0, 60)}"`;
    throw new InputError({ where: path, received, expected: 'file,label,predicted and a column per class' });
  }
  return rows.map(([file = '', , , ...cells]) => ({ file, probabilities: cells.map(Number) }));
}

function checkClassesOf({ folder, settings }: OpenRun, classes: readonly string[]): void {
  if (settings.map !== undefined) {
    throw new InputError({
      where: folder.root,
      received: `a run of merged classes, ${Object.keys(settings.map).join(', ')}`,
      expected: 'one of the classes that the data has',
      remedy: 'train it without --map',
    });
  }
  if (settings.classes.join() === classes.join()) return;
  const received = `classes ${settings.classes.join(', ')}`;
  throw new InputError({
    where: folder.root,
    received,
    expected: `those of the first run, ${classes.join(', ')}`,
  });
}

function otherPictures({ folder }: OpenRun, file = 'none'): InputError {
  return new InputError({
    where: folder.root,
    received: `answers to other pictures, the first ${file}`,
    expected: 'a run that was trained on this data',
  });
}

function otherLabels({ folder, settings }: OpenRun, { classes }: ImageSet): InputError {
  return new InputError({
    where: folder.root,
    received: `answers to no picture of its classes, ${settings.classes.join(', ')}`,
    expected: `a run of classes among ${classes.join(', ')}`,
  });
}

/** The answer with most votes; null where there is none, or two have as many. */
function majority({ answers, byName }: Votes, name: string): string | null {
  const votes = byName.get(name) ?? [];
  const most = Math.max(0, ...votes);
  const winners = answers.filter((_, i) => votes[i] === most);
  return most === 0 || winners.length !== 1 ? null : (winners[0] ?? null);
}

function agreement(errors: readonly LabelError[]): NonNullable<LabelAudit['votes']> {
  const known = errors.filter(({ voted }) => typeof voted === 'string');
  return {
    known: known.length,
    suggestion: known.filter(({ voted, suggested }) => voted === suggested).length,
    label: known.filter(({ voted, class: given }) => voted === given).length,
  };
}

/** What makes a run's answers less independent than they should be. */
function notesOn(runs: readonly OpenRun[]): string[] {
  const named = (list: readonly OpenRun[]) => list.map(({ folder }) => folder.root).join(', ');
  const shipped = runs.filter(({ settings: { weights, from } }) => isShipped(weights) || from !== undefined);
  const taught = runs.filter(({ settings }) => (settings.recipe.softLabels?.teachers ?? []).length > 0);
  return [
    ...(shipped.length === 0
      ? []
      : [`Started from a trained model that may have seen the pictures it held out: ${named(shipped)}.`]),
    ...(taught.length === 0
      ? []
      : [`Taught by models that may have seen the pictures it held out: ${named(taught)}.`]),
  ];
}
