import { join } from 'node:path';

import {
  formatReport,
  isDrawnData,
  type Evaluation,
  type TrainOutcome,
  type TrainSettings,
} from '../../src/node.js';
import { invocation } from './environment.js';

/** What a person reads before a training: what begins, from what, by what, where to. */
export function introduction(settings: TrainSettings, out: string): string {
  const { recipe, model, weights, seed, data } = settings;
  const stages = recipe.stages.map(
    ({ name, epochs }) => `${name} (${epochs} ${epochs === 1 ? 'epoch' : 'epochs'})`,
  );
  return [
    `Training ${model} on ${data}${isDrawnData(data) ? ' (drawn faces, not photographs)' : ''}`,
    `by recipe "${recipe.name}": ${stages.join(', then ')}, at most; batches of ${recipe.batchSize} at ${recipe.inputSize}x${recipe.inputSize}`,
    `from weights "${weights}", seed ${seed}, into ${out}`,
    '',
  ].join('\n');
}

/** What a person reads after a training: the report, where things lie, what to type next. */
export function trainingSummary({ folder, evaluations }: TrainOutcome): string {
  const best = evaluations['test'] ?? evaluations['validation'];
  const pictures =
    evaluations['test'] === undefined ? join(folder.evaluation, 'validation') : folder.evaluation;
  const report = best === undefined ? [] : [formatReport(best)];
  const evaluated =
    best === undefined
      ? []
      : [
          line('confusion matrix', join(pictures, 'confusion_matrix.png')),
          line('accuracy by class', join(pictures, 'per_class_accuracy.png')),
          line('calibration', join(pictures, 'reliability.png')),
          line('every answer', join(pictures, 'predictions.csv')),
        ];
  return [
    ...report,
    ...Object.values(evaluations).map(accuracyLine),
    '',
    `Run folder ${folder.root}`,
    line('model', folder.best),
    line('training curves', folder.curves),
    ...evaluated,
    line('settings', folder.args),
    '',
    'Next',
    `  ${invocation()} predict --model ${folder.root} PHOTO.jpg`,
    `  ${invocation()} evaluate --model ${folder.root} --data FOLDER --split test`,
    '',
  ].join('\n');
}

function accuracyLine({ split, accuracy, interval: [low, high], n }: Evaluation): string {
  const figures = [accuracy, low, high].map((share) => share.toFixed(4));
  return `Accuracy on ${split}: ${figures[0] ?? ''} (95 % interval ${figures[1] ?? ''} to ${figures[2] ?? ''}, ${n} images)`;
}

function line(what: string, path: string): string {
  return `  ${what.padEnd(18)}${path}`;
}
