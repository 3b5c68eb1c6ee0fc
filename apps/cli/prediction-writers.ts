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
  if ('error' in row) return row.error;
  if ('faces' in row) return `${row.file}: no face found (--no-detect takes the whole picture as one)`;
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

/** Columns `file,class,p_<class>…,milliseconds,error,face,faces,x,y,width,height,score`. */
export function csvWriter(): PredictionWriter {
  let classes: readonly string[] | undefined;
  const waiting: Exclude<PredictionRow, Prediction>[] = [];
  const faceless = (row: Exclude<PredictionRow, Prediction>) => {
    const [milliseconds, error, faces] =
      'error' in row ? ['', row.error, ''] : [row.milliseconds.toFixed(2), '', '0'];
    const blanks = (classes ?? []).map(() => '');
    return csvLine([row.file, '', ...blanks, milliseconds, error, '', faces, ...BOX.map(() => '')]);
  };
  const header = () => {
    const probabilities = (classes ?? []).map((name) => `p_${name}`);
    return csvLine(['file', 'class', ...probabilities, 'milliseconds', 'error', 'face', 'faces', ...BOX]);
  };
  const begin = () => header() + waiting.splice(0).map(faceless).join('');
  return {
    row(row) {
      if (!('class' in row)) {
        if (classes !== undefined) return faceless(row);
        // The columns are known with the first answer.
        waiting.push(row);
        return '';
      }
      const first = classes === undefined;
      classes ??= Object.keys(row.probabilities);
      return (first ? begin() : '') + csvLine(cellsOf(row));
    },
    end: () => (classes === undefined ? begin() : ''),
  };
}

const BOX: readonly string[] = ['x', 'y', 'width', 'height', 'score'];

function cellsOf(row: Prediction): string[] {
  const { face } = row;
  const probabilities = Object.values(row.probabilities).map((p) => p.toFixed(6));
  const place =
    face === undefined
      ? ['', '', ...BOX.map(() => '')]
      : [
          String(face.number),
          String(face.of),
          ...[face.box.x, face.box.y, face.box.width, face.box.height].map((value) => value.toFixed(1)),
          face.score.toFixed(4),
        ];
  return [row.file, row.class, ...probabilities, row.milliseconds.toFixed(2), '', ...place];
}

function describe({ class: best, probabilities, milliseconds }: Prediction): string {
  const percent = (p: number) => `${(p * 100).toFixed(1)} %`;
  const others = Object.entries(probabilities)
    .filter(([name]) => name !== best)
    .sort((a, b) => b[1] - a[1])
    .map(([name, p]) => `${name} ${percent(p)}`);
  return `${best} ${percent(probabilities[best] ?? 0)} (${others.join(', ')}), ${milliseconds.toFixed(1)} ms`;
}
