import { alignTable, groupDigits } from '../../evaluate/table.js';
import type { Reproduction, ReproductionPlan } from './reproduce-job.js';
import type { Verdict } from './verdict.js';

const MEANINGS: Readonly<Record<Verdict, string>> = {
  equal: 'equal: every weight and every accuracy is the recorded one',
  'within the spread': 'within the spread: no further from the record than another seed would be',
  different: 'different: further from the record than chance explains, or not of the same pictures',
  shortened: 'shortened: fewer epochs or other settings than recorded, so nothing follows',
};

/** What was repeated and how it compares, for a terminal. */
export function formatReproduction({ plan, finished, comparison }: Reproduction): string {
  const intro = planLines(plan);
  if (comparison === null) {
    const end = finished ? '' : 'Nothing was compared: the training was not done or not finished.';
    return [...intro, '', end, ''].join('\n');
  }
  const { verdict, accuracies, weights } = comparison;
  const rows = accuracies.map(({ split, recorded, repeated, n, recordedN, spread, by }) => [
    split,
    n === recordedN ? groupDigits(n) : `${groupDigits(recordedN)}, then ${groupDigits(n)}`,
    recorded.toFixed(4),
    repeated.toFixed(4),
    signed(repeated - recorded),
    `± ${spread.toFixed(4)}`,
    by === 'seeds' ? 'of seeds' : 'of images',
  ]);
  const head = ['part', 'images', 'recorded', 'repeated', 'difference', 'spread', ''];
  const { tensors, equalTensors, maxDifference, distance } = weights;
  return [
    ...[...intro, '', ...alignTable([head, ...rows], [0, 6]), ''],
    `Weights: ${equalTensors} of ${tensors} tensors equal, largest difference ${maxDifference.toPrecision(3)}, ` +
      `distance ${(100 * distance).toPrecision(3)} % of their length`,
    ...['', `Verdict: ${MEANINGS[verdict]}`, ''],
  ].join('\n');
}

function planLines({ model, settings, whole, changed, recorded, out }: ReproductionPlan): string[] {
  const { recipe, weights, seed, data } = settings;
  const epochs = recipe.stages.map((stage) => stage.epochs).join(' + ');
  const accuracies = Object.entries(recorded).map(
    ([split, { accuracy, n }]) => `${split} ${accuracy.toFixed(4)} (${groupDigits(n)} images)`,
  );
  return [
    `Repeats the training of "${model}": recipe "${recipe.name}", ${epochs} epochs, from weights "${weights}", seed ${seed}`,
    `Data ${data}, run folder ${out}`,
    `Recorded: ${accuracies.length === 0 ? 'no accuracy' : accuracies.join(', ')}`,
    ...(whole ? [] : [`The record names its recipe only: "${recipe.name}" as this version has it is taken.`]),
    ...(changed.length === 0 ? [] : [`Changed: ${changed.join(', ')}`]),
  ];
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}
