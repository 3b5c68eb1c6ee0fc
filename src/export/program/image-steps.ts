import type { Preprocessing } from '../../core/preprocessing.js';
import { resizeMatrices } from '../../models/preprocess.js';
import { affineOf } from './affine-steps.js';
import type { Operation } from './program.js';
import type { ProgramBuilder } from './program-builder.js';
import { POINT } from './windows.js';

/** Rec. 601 luma of red, green and blue, the grey of every other part of Mien. */
const LUMA = [0.299, 0.587, 0.114];

/** Which of a record's two sizes pictures come in. */
export type PictureSize = 'source' | 'input';

/** Options of {@link imageSteps}. */
export interface ImageOptions {
  readonly batch: number;
  readonly pictures: PictureSize;
  /** `float32`: the same pixels 0..255, as floats. */
  readonly dtype: 'uint8' | 'float32';
  /** Name of the input. */
  readonly name: string;
}

/**
 * Adds an input of raw pictures, pixels 0..255 [N, h, w, C], and the record's arithmetic: luma where the record is grey,
 * resize, copy to the channels, `(pixel · scale − mean) / std`. Pixels stay unrounded between the steps.
 *
 * @returns the name of the value that the model takes, [N, H, W, C]
 */
export function imageSteps(builder: ProgramBuilder, record: Preprocessing, options: ImageOptions): string {
  const { batch, pictures, dtype, name } = options;
  const [h, w] = pictures === 'source' ? record.sourceSize : record.inputSize;
  const [height, width] = record.inputSize;
  const { channels } = record;
  // Whoever hands over floats has colour; whoever hands over bytes knows the record.
  const depth = dtype === 'float32' ? 3 : channels;
  let x = builder.input(name, 'image', { dtype, shape: [batch, h, w, depth] });
  const add = (step: string, operation: Operation, size: readonly number[]) => {
    const shape = [batch, ...size];
    x = builder.add(operation, { name: `image/${step}`, inputs: [x], shape, exact: true });
  };
  if (dtype === 'uint8') add('pixels', { kind: 'pixels' }, [h, w, depth]);
  const grey = record.colour === 'grey' && depth > 1;
  if (grey) add('grey', mixture(LUMA, [0]), [h, w, 1]);
  const matrices = resizeMatrices(record, [h, w]);
  if (matrices !== undefined)
    add('resize', { kind: 'resample', ...matrices }, [height, width, grey ? 1 : channels]);
  const factors = record.std.map((value) => record.scale / value);
  const shifts = record.mean.map((value, i) => -value / (record.std[i] ?? 1));
  add('normalize', grey ? mixture(factors, shifts) : affineOf(factors, shifts), [height, width, channels]);
  return x;
}

/** A convolution of one pixel, kernel [filters, 1, 1, C]. */
function mixture(kernel: readonly number[], bias: readonly number[]): Operation {
  return {
    kind: 'conv',
    window: POINT,
    kernel: Float32Array.from(kernel),
    bias: Float32Array.from(bias),
    groups: 1,
  };
}
