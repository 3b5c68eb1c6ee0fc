import { csvLine, type Prediction, type PredictionRow } from '../../src/node.js';

/** Turns rows into text as they come, so that a hundred thousand of them never lie in memory. */
export interface PredictionWriter {
  row(row: PredictionRow): string;
  /** What comes after the last row. */
  end(failed: number): string;
}

/** A line per face: where, class, probability, the runners-up, time. */
export function textWriter(): PredictionWriter {
  return { row: (row) => `${lineOf(row)}\n`, end: () => '' };
}

function lineOf(row: PredictionRow): string {
  if ('faces' in row) return `${row.error} (--no-detect takes the whole picture as one)`;
  if ('error' in row) return row.error;
  return `${row.file}${placeOf(row)}: ${describe(row)}`;
}

function placeOf({ face }: Prediction): string {
  if (face === undefined) return '';
  const { x, y, width, height } = face.box;
  const size = `${Math.round(width)}×${Math.round(height)}`;
  return `, face ${face.number} of ${face.of} (${size} at ${Math.round(x)}, ${Math.round(y)})`;
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

/** Where a face is; the columns of {@link csvWriter} that follow those of the answer. */
const PLACE: readonly string[] = ['face', 'faces', 'x', 'y', 'width', 'height', 'score'];

/**
 * Columns `file,class,p_<class>…,milliseconds,error`, then `face,faces,x,y,width,height,score` where faces are looked
 * for.
 */
export function csvWriter({ places }: { readonly places: boolean }): PredictionWriter {
  let classes: readonly string[] | undefined;
  const waiting: Exclude<PredictionRow, Prediction>[] = [];
  const columns = () => [
    'file',
    'class',
    ...(classes ?? []).map((name) => `p_${name}`),
    'milliseconds',
    'error',
  ];
  const header = () => csvLine(places ? [...columns(), ...PLACE] : columns());
  const line = (row: PredictionRow) => {
    const cells = 'class' in row ? answerCells(row) : emptyCells(row, classes ?? []);
    return csvLine(places ? [...cells, ...placeCells(row)] : cells);
  };
  const begin = () => header() + waiting.splice(0).map(line).join('');
  return {
    row(row) {
      if ('class' in row) {
        const first = classes === undefined;
        classes ??= Object.keys(row.probabilities);
        return (first ? begin() : '') + line(row);
      }
      if (classes !== undefined) return line(row);
      // The columns are known with the first answer.
      waiting.push(row);
      return '';
    },
    end: () => (classes === undefined ? begin() : ''),
  };
}

function answerCells({ file, class: best, probabilities, milliseconds }: Prediction): string[] {
  return [file, best, ...Object.values(probabilities).map((p) => p.toFixed(6)), milliseconds.toFixed(2), ''];
}

function emptyCells(row: Exclude<PredictionRow, Prediction>, classes: readonly string[]): string[] {
  const milliseconds = 'faces' in row ? row.milliseconds.toFixed(2) : '';
  return [row.file, '', ...classes.map(() => ''), milliseconds, row.error];
}

function placeCells(row: PredictionRow): string[] {
  const face = 'class' in row ? row.face : undefined;
  const faces = 'faces' in row ? '0' : '';
  if (face === undefined) return PLACE.map((name) => (name === 'faces' ? faces : ''));
  const { x, y, width, height } = face.box;
  const box = [x, y, width, height].map((value) => value.toFixed(1));
  return [String(face.number), String(face.of), ...box, face.score.toFixed(4)];
}

function describe({ class: best, probabilities, milliseconds }: Prediction): string {
  const percent = (p: number) => `${(p * 100).toFixed(1)} %`;
  const others = Object.entries(probabilities)
    .filter(([name]) => name !== best)
    .sort((a, b) => b[1] - a[1])
    .map(([name, p]) => `${name} ${percent(p)}`);
  return `${best} ${percent(probabilities[best] ?? 0)} (${others.join(', ')}), ${milliseconds.toFixed(1)} ms`;
}
