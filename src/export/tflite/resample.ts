import type { Shape } from '../../core/tensor.js';
import type { StepOf } from '../program/program.js';
import { int32, int8, int32s } from './flat.js';
import type { TfliteBuilder } from './program.js';
import { ACTIVATIONS, OPTIONS, PADDINGS } from './schema.js';

/** Where {@link resample} reads and writes. */
interface Places {
  readonly builder: TfliteBuilder;
  readonly x: number;
  readonly output: { readonly name: string; readonly shape: Shape };
}

/**
 * `rows · picture · columns` as two convolutions whose kernels are as high as the picture: each takes one axis and
 * leaves the new one last, so that after both the axes stand in their order again:
 * `[N, h, w·C]` → `[N, w·C, H]` = `[N, w, C·H]` → `[N, C·H, W]` = `[N, C, H, W]`.
 */
export function resample({ builder, x, output }: Places, step: StepOf<'resample'>): number {
  const [n = 1, h = 1, w = 1, c = 1] = builder.shapeOf(x);
  const [, height = 1, width = 1] = output.shape;
  const { name } = output;
  const rows = builder.constant(`${name}/rows`, step.rows, [height, h, 1, 1]);
  const columns = builder.constant(`${name}/columns`, transposed(step.columns, w, width), [width, w, 1, 1]);
  const tall = reshaped(builder, x, [n, h, w * c, 1], `${name}/height`);
  const high = contract(builder, tall, rows, [n, 1, w * c, height], `${name}/resized_height`);
  const wide = reshaped(builder, high, [n, w, c * height, 1], `${name}/width`);
  const planes = contract(builder, wide, columns, [n, 1, c * height, width], `${name}/resized_width`);
  // The last axis has the right place for one channel; several must move behind height and width.
  if (c === 1) return reshaped(builder, planes, [n, height, width, 1], name);
  const channelsFirst = reshaped(builder, planes, [n, c, height, width], `${name}/planes`);
  return builder.operator('TRANSPOSE', {
    inputs: [channelsFirst, builder.integers([0, 2, 3, 1])],
    output,
  });
}

function contract(builder: TfliteBuilder, x: number, kernel: number, shape: Shape, name: string): number {
  const [filters = 1] = builder.shapeOf(kernel);
  const { conv } = OPTIONS;
  return builder.operator('CONV_2D', {
    inputs: [x, kernel, builder.constant(`${name}/bias`, new Float32Array(filters), [filters])],
    output: { name, shape },
    options: {
      [conv.padding]: int8(PADDINGS.VALID),
      [conv.strideHeight]: int32(1),
      [conv.strideWidth]: int32(1),
      [conv.activation]: int8(ACTIVATIONS.none),
      [conv.dilationHeight]: int32(1),
      [conv.dilationWidth]: int32(1),
    },
  });
}

function reshaped(builder: TfliteBuilder, x: number, shape: Shape, name: string): number {
  const target = [-1, ...shape.slice(1)];
  return builder.operator('RESHAPE', {
    inputs: [x, builder.integers(target)],
    output: { name, shape },
    options: { [OPTIONS.reshape.newShape]: int32s(target) },
  });
}

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return matrix.map((_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)] ?? 0);
}
