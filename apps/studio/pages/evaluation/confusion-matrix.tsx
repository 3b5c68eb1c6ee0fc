import type { Evaluation } from '../../../../src/studio/api.js';
import { t } from '../../text/index.js';

/** Positions of the true and the predicted class. */
export interface Cell {
  readonly label: number;
  readonly predicted: number;
}

interface MatrixProps {
  readonly report: Evaluation;
  readonly chosen: Cell | undefined;
  readonly choose: (cell: Cell) => void;
}

/** A table whose cells are buttons that show their pictures. */
export function ConfusionMatrix({ report, chosen, choose }: MatrixProps) {
  const { classes, confusionMatrix } = report;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t('evaluation.matrix')}>
      <table class="matrix">
        <thead>
          <tr>
            <th>{t('evaluation.corner')}</th>
            {classes.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {confusionMatrix.map((row, label) => (
            <tr key={classes[label]}>
              <th scope="row">{classes[label]}</th>
              {row.map((count, predicted) => (
                <MatrixCell
                  key={predicted}
                  {...{ classes, count, choose, cell: { label, predicted } }}
                  share={count / Math.max(1, sum(row))}
                  isChosen={chosen?.label === label && chosen.predicted === predicted}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MatrixCell(props: {
  readonly classes: readonly string[];
  readonly count: number;
  readonly share: number;
  readonly cell: Cell;
  readonly isChosen: boolean;
  readonly choose: (cell: Cell) => void;
}) {
  const { classes, count, share, cell, isChosen, choose } = props;
  const values = { label: classes[cell.label] ?? '', predicted: classes[cell.predicted] ?? '', count };
  // Ten shades, as classes: the page's policy allows no style attributes.
  const shade = count === 0 ? 0 : Math.max(1, Math.round(10 * share));
  const kind = cell.label === cell.predicted ? 'right' : 'wrong';
  return (
    <td>
      <button
        type="button"
        class={`${kind} shade-${shade}`}
        aria-pressed={isChosen}
        aria-label={t('evaluation.cell', values)}
        onClick={() => choose(cell)}
      >
        {count}
      </button>
    </td>
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
