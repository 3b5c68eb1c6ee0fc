import { at } from '../core/checks.js';

/** Labels with what a model says that has not seen the pictures. */
export interface OutOfFold {
  /** Given labels, `[image]`. */
  readonly labels: ArrayLike<number>;
  /** Out-of-fold probabilities, `[image, classes]`; rows sum to 1. */
  readonly probabilities: Float32Array;
  readonly classes: number;
}

/** A label that is probably wrong. */
export interface LabelIssue {
  /** Position in the labels. */
  readonly image: number;
  readonly given: number;
  /** The class that the model takes for true. */
  readonly suggested: number;
  /** Probability of the suggested class minus that of the given one, in [-1, 1]. */
  readonly margin: number;
}

/** What {@link confidentLearning} estimates. */
export interface ConfidentJoint {
  /** Mean probability of each class over the pictures labelled so: from there on the model counts as sure. */
  readonly thresholds: readonly number[];
  /** Confident joint: pictures by given (row) and sure (column) class, `[given][true]`. */
  readonly counts: readonly (readonly number[])[];
  /** Estimated share of all pictures by given and true class, `[given][true]`; sums to 1. */
  readonly joint: readonly (readonly number[])[];
  /** Estimated share of wrong labels: what lies beside the joint's diagonal. */
  readonly noise: number;
  /** Probable label errors, the clearest first. */
  readonly issues: readonly LabelIssue[];
}

/**
 * Finds probable label errors by confident learning (Northcutt, Jiang, Chuang, "Confident Learning: Estimating
 * Uncertainty in Dataset Labels", JAIR 2021): a picture labelled i counts for class j where its probability of j
 * reaches the mean probability of j over the pictures labelled j. Named are those that both of the paper's rules name:
 * they lie beside the diagonal of the confident joint, and they belong to the n·Q[i][j] largest margins of their pair
 * of classes (pruning by noise rate).
 *
 * @example confidentLearning({ labels, probabilities, classes: 5 }).issues.slice(0, 20);
 */
export function confidentLearning(data: OutOfFold): ConfidentJoint {
  const { labels, classes } = data;
  const thresholds = thresholdsOf(data);
  const sure = Array.from({ length: labels.length }, (_, image) => sureClass(data, image, thresholds));
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  sure.forEach((label, image) => {
    const row = at(counts, at(labels, image));
    if (label !== undefined) row[label] = at(row, label) + 1;
  });
  const joint = calibrated(counts, data);
  const noise = joint.reduce(
    (sum, row, i) => sum + row.reduce((a, share, j) => a + (i === j ? 0 : share), 0),
    0,
  );
  const pruned = prunedByNoiseRate(data, joint);
  const issues = sure
    .flatMap((suggested, image) => (suggested === undefined ? [] : [issueOf(data, image, suggested)]))
    .filter(({ image, given, suggested }) => given !== suggested && pruned.has(image))
    .sort((a, b) => b.margin - a.margin);
  return { thresholds: thresholds.map((t) => (Number.isFinite(t) ? t : 1)), counts, joint, noise, issues };
}

function probability({ probabilities, classes }: OutOfFold, image: number, label: number): number {
  return probabilities[image * classes + label] ?? 0;
}

function issueOf(data: OutOfFold, image: number, suggested: number): LabelIssue {
  const given = at(data.labels, image);
  const margin = probability(data, image, suggested) - probability(data, image, given);
  return { image, given, suggested, margin };
}

/** t_j = mean of p(j) over the pictures labelled j; nobody is sure of a class without pictures. */
function thresholdsOf(data: OutOfFold): number[] {
  const sums = new Float64Array(data.classes);
  const numbers = new Float64Array(data.classes);
  for (let image = 0; image < data.labels.length; image++) {
    const label = at(data.labels, image);
    sums[label] = at(sums, label) + probability(data, image, label);
    numbers[label] = at(numbers, label) + 1;
  }
  return Array.from(sums, (sum, label) => (at(numbers, label) === 0 ? Infinity : sum / at(numbers, label)));
}

/** The likeliest of the classes of which the model is sure. */
function sureClass(data: OutOfFold, image: number, thresholds: readonly number[]): number | undefined {
  let best: number | undefined;
  thresholds.forEach((threshold, label) => {
    const p = probability(data, image, label);
    if (p >= threshold && (best === undefined || p > probability(data, image, best))) best = label;
  });
  return best;
}

/** Q[i][j]: each row brought to the number of pictures labelled i, all divided by the number of pictures. */
function calibrated(counts: readonly (readonly number[])[], { labels }: OutOfFold): number[][] {
  return counts.map((row, given) => {
    const labelled = Array.from(labels).filter((label) => label === given).length;
    const sum = row.reduce((a, b) => a + b, 0);
    // Where nobody is sure, the labels stand as they are.
    const shares =
      sum === 0 ? row.map((_, label) => (label === given ? 1 : 0)) : row.map((count) => count / sum);
    return shares.map((share) => (share * labelled) / Math.max(1, labels.length));
  });
}

/** For each pair of classes the n·Q[i][j] pictures labelled i with the largest p(j) − p(i). */
function prunedByNoiseRate(data: OutOfFold, joint: readonly (readonly number[])[]): Set<number> {
  const members = Array.from({ length: data.classes }, (): number[] => []);
  Array.from(data.labels).forEach((label, image) => members[label]?.push(image));
  const pruned = new Set<number>();
  joint.forEach((row, given) => {
    row.forEach((share, suggested) => {
      if (given === suggested) return;
      const ranked = at(members, given)
        .map((image) => issueOf(data, image, suggested))
        .sort((a, b) => b.margin - a.margin);
      for (const { image } of ranked.slice(0, Math.round(share * data.labels.length))) pruned.add(image);
    });
  });
  return pruned;
}
