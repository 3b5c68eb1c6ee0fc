import { InputError } from '../core/errors.js';
import { mean } from '../core/statistics.js';
import { type ImageSet, imageCount } from './images.js';
import { voteTargets, type Votes } from './votes.js';
import type { ClassMap } from './class-map.js';

/** A share of pictures, with its standard error over pictures. */
export interface CeilingFigure {
  readonly accuracy: number;
  readonly standardError: number;
  /** Mean of the classes' accuracies; classes without pictures are left out. */
  readonly macroAccuracy: number;
  /** By class of the label; null where it has no pictures with votes. */
  readonly perClass: Readonly<Record<string, number | null>>;
}

/** What people's votes say about how far labels can be met. */
export interface Ceiling {
  readonly version: 1;
  readonly classes: readonly string[];
  /** Pictures of the classes. */
  readonly n: number;
  /** Pictures that the figures are made of: with votes for one of the classes, and a face to most people. */
  readonly counted: number;
  /** Pictures that at least half of the people called no face; left out. */
  readonly notAFace: number;
  /** One person, drawn from those who voted for one of the classes: mean of p(label). */
  readonly voter: CeilingFigure;
  /** People's most frequent answer among the classes; where several tie, one of them by lot. */
  readonly majority: CeilingFigure;
  /** The best any answer reaches in the mean if labels were one person's votes: mean of the largest p(class). */
  readonly best: CeilingFigure;
}

/**
 * How well people's votes meet a set's labels, and how well anything could if labels were votes. With p the shares of
 * a picture's votes among the classes (votes for anything else do not count) and y its label:
 *
 *     voter = mean p(y)     majority = mean [y ∈ M] / |M|, M = argmax p     best = mean max p
 *
 * The votes are of other people than the labels, on the same pictures (FER+: Barsoum et al. 2016, ten people), and
 * ten votes overstate how far people agree a little: the largest share of a sample is too large in the mean.
 *
 * @throws InputError when no picture of the set has votes
 * @example const { majority } = labelCeiling(images, parseVotes('votes.csv', text));
 */
export function labelCeiling(images: ImageSet, votes: Votes, map: ClassMap = {}): Ceiling {
  const { rows, notAFace } = voteTargets(images, votes, map);
  const width = images.classes.length;
  const strange = new Set(notAFace);
  const sharesOf = (image: number) => rows.subarray(image * width, (image + 1) * width);
  const counted = [...images.labels.keys()].filter(
    (image) => !strange.has(image) && sharesOf(image).some((share) => share > 0),
  );
  if (counted.length === 0)
    throw new InputError({ where: 'votes', received: 'no picture that is a face to most', expected: 'some' });
  const figure = (value: (shares: Float32Array, label: number) => number) =>
    figureOf(
      images,
      counted.map((image) => ({
        label: at(images, image),
        value: value(sharesOf(image), at(images, image)),
      })),
    );
  return {
    version: 1,
    classes: images.classes,
    ...{ n: imageCount(images), counted: counted.length, notAFace: notAFace.length },
    voter: figure((shares, label) => shares[label] ?? 0),
    majority: figure(majorityHit),
    best: figure((shares) => Math.max(...shares)),
  };
}

function at({ labels }: ImageSet, image: number): number {
  return labels[image] ?? 0;
}

/** Chance that the most frequent answer, by lot where several tie, is the label. */
function majorityHit(shares: Float32Array, label: number): number {
  const most = Math.max(...shares);
  return shares[label] === most ? 1 / shares.filter((share) => share === most).length : 0;
}

interface Outcome {
  readonly label: number;
  readonly value: number;
}

function figureOf({ classes }: ImageSet, outcomes: readonly Outcome[]): CeilingFigure {
  const all = outcomes.map(({ value }) => value);
  const accuracy = mean(all);
  const variance = mean(all.map((value) => (value - accuracy) ** 2));
  const byClass = classes.map((name, label) => {
    const own = outcomes.filter((outcome) => outcome.label === label);
    return [name, own.length === 0 ? null : mean(own.map(({ value }) => value))] as const;
  });
  const present = byClass.flatMap(([, value]) => (value === null ? [] : [value]));
  return {
    accuracy,
    standardError: Math.sqrt(variance / all.length),
    macroAccuracy: mean(present),
    perClass: Object.fromEntries(byClass),
  };
}
