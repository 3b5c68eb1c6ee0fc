import { csvLine, type FailedPrediction, type Prediction } from '../../src/node.js';

type Row = Prediction | FailedPrediction;

/** Turns rows into text as they come, so that a hundred thousand of them never lie in memory. */
export interface PredictionWriter {
  row(row: Row): string;
  /** What comes after the last row. */
  end(failed: number): string;
}

/** A line per picture: class, probability, the runners-up, time. */
export function textWriter(): PredictionWriter {
  return {
    row: (row) => ('error' in row ? `${row.error}\n` : `${row.file}: ${describe(row)}\n`),
    end: () => '',
  };
}

/** One JSON document with a list of rows. */
export function jsonWriter(model: string): PredictionWriter {
  const head = `{"version":1,"model":${JSON.stringify(model)},"predictions":[`;
  let open = false;
  const opening = () => (open ? ',' : head);
  return {
    row(row) {
      const text = `${opening()}\n${JSON.stringify(row)}`;
      open = true;
      return text;
    },
    end: (failed) => `${open ? '' : head}\n],"failed":${failed}}\n`,
  };
}

/** Columns `file,class,p_<class>…,milliseconds,error`. */
export function csvWriter(): PredictionWriter {
  let classes: readonly string[] | undefined;
  const waiting: FailedPrediction[] = [];
  const failure = ({ file, error }: FailedPrediction) =>
    csvLine([file, '', ...(classes ?? []).map(() => ''), '', error]);
  const header = () =>
    csvLine(['file', 'class', ...(classes ?? []).map((name) => `p_${name}`), 'milliseconds', 'error']);
  const begin = () => header() + waiting.splice(0).map(failure).join('');
  return {
    row(row) {
      if ('error' in row) {
        if (classes !== undefined) return failure(row);
        // The columns are known with the first answer.
        waiting.push(row);
        return '';
      }
      const first = classes === undefined;
      classes ??= Object.keys(row.probabilities);
      const cells = Object.values(row.probabilities).map((p) => p.toFixed(6));
      return (
        (first ? begin() : '') + csvLine([row.file, row.class, ...cells, row.milliseconds.toFixed(2), ''])
      );
    },
    end: () => (classes === undefined ? begin() : ''),
  };
}

function describe({ class: best, probabilities, milliseconds }: Prediction): string {
  const percent = (p: number) => `${(p * 100).toFixed(1)} %`;
  const others = Object.entries(probabilities)
    .filter(([name]) => name !== best)
    .sort((a, b) => b[1] - a[1])
    .map(([name, p]) => `${name} ${percent(p)}`);
  return `${best} ${percent(probabilities[best] ?? 0)} (${others.join(', ')}), ${milliseconds.toFixed(1)} ms`;
}
