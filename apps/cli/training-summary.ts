import { join } from 'node:path';

import { formatReport, type TrainOutcome } from '../../src/node.js';
import { invocation } from './environment.js';

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

function line(what: string, path: string): string {
  return `  ${what.padEnd(18)}${path}`;
}
