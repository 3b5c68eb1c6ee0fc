import { InputError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { float32 } from '../core/tensor.js';
import { resizeMatrix } from '../data/resize.js';
import type { Value } from '../onnx/graph.js';
import type { Emitter } from '../ops/emitter.js';

/**
 * Adds a preprocessing record's arithmetic to a graph: resize by two constant matrices, grey copied to the
 * model's channels, then `(pixel · scale − mean) / std`.
 *
 * @param pictures `[N, C, h, w]` float32, pixels 0..255, C = 1 (grey) or 3
 * @returns `[N, channels, H, W]`
 * @throws InputError when colour arrives at a record for grey pictures of one channel
 */
export function preprocess(o: Emitter, pictures: Value, record: Preprocessing): Value {
  return o.builder.within('preprocess', () => {
    const resized = resize(o, pictures, record);
    const [n = 1, c = 1, h = 1, w = 1] = resized.shape;
    if (c !== 1 && c !== record.channels) {
      const received = `pictures of ${c} channels`;
      throw new InputError({
        where: 'preprocessing',
        received,
        expected: `1 or ${record.channels} channels`,
      });
    }
    const spread = c === record.channels ? resized : o.expand(resized, [n, record.channels, h, w]);
    return normalize(o, spread, record);
  });
}

/** `(pixel · scale − mean) / std`, without the parts that change nothing. */
function normalize(o: Emitter, pixels: Value, { channels, scale, mean, std }: Preprocessing): Value {
  const vector = (values: readonly number[]) => o.builder.constant(float32(values, [1, channels, 1, 1]));
  const factors = std.map((value) => scale / value);
  const shifts = mean.map((value, i) => -value / (std[i] ?? 1));
  const scaled = factors.every((factor) => factor === 1) ? pixels : o.mul(pixels, vector(factors));
  return shifts.every((shift) => shift === 0) ? scaled : o.add(scaled, vector(shifts));
}

/** The matrices whose product `rows · picture · columns` is the library's resize of one picture. */
export interface ResizeMatrices {
  /** `[H, h]` */
  readonly rows: Float32Array;
  /** `[w, W]` */
  readonly columns: Float32Array;
}

/** Matrices from pictures of [height, width] to the model's input; undefined where they have that size already. */
export function resizeMatrices(
  record: Preprocessing,
  [h, w]: readonly [number, number],
): ResizeMatrices | undefined {
  const [height, width] = record.inputSize;
  if (h === height && w === width) return undefined;
  const options = { interpolation: record.interpolation, antialias: record.antialias };
  const columns = transposed(resizeMatrix(w, width, options), width, w);
  return { rows: resizeMatrix(h, height, options), columns };
}

function resize(o: Emitter, pictures: Value, record: Preprocessing): Value {
  const [, , h = 1, w = 1] = pictures.shape;
  const [height, width] = record.inputSize;
  const matrices = resizeMatrices(record, [h, w]);
  if (matrices === undefined) return pictures;
  const name = (what: string) => `resize_${what}_${h}x${w}_${height}x${width}`;
  const rows = o.builder.initializer(name('rows'), float32(matrices.rows, [height, h]));
  const columns = o.builder.initializer(name('columns'), float32(matrices.columns, [w, width]));
  return o.own('Resample', [pictures, rows, columns]);
}

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(
    { length: matrix.length },
    (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)] ?? 0,
  );
}
