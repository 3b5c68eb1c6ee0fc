import { InputError } from '../core/errors.js';
import type { OnnxEnd } from '../onnx/header.js';
import type { NetInput, NetOutput } from './file-net.js';

/** How an ONNX file's input takes pictures. @throws InputError when it takes none */
export function onnxInput(input: OnnxEnd, metadata: ReadonlyMap<string, string>, where: string): NetInput {
  const { name, dtype, shape } = input;
  const { channelsLast, size, channels } = pictureAxes(input, where);
  if (dtype === 'other')
    throw new InputError({ where, received: `the input "${name}"`, expected: 'float32 or uint8' });
  const said = metadata.get('mien.input');
  const kind = said === 'pixels' || said === 'image' ? said : dtype === 'uint8' ? 'image' : 'normalized';
  if (shape.length === 4) return { name, kind, channelsLast, dtype, size, channels };
  throw notPictures(input, where);
}

/** Where height, width and channels stand. */
export function pictureAxes(end: Pick<OnnxEnd, 'name' | 'shape'>, where: string) {
  const [, second, third, fourth] = end.shape;
  const first = isChannels(second);
  const channelsLast = !first && isChannels(fourth);
  if (end.shape.length !== 4 || (!first && !channelsLast)) throw notPictures(end, where);
  const [height, width] = channelsLast ? [second, third] : [third, fourth];
  const size = height === undefined || width === undefined ? undefined : ([height, width] as const);
  const channels: 1 | 3 = (channelsLast ? fourth : second) === 1 ? 1 : 3;
  return { channelsLast, size, channels };
}

function isChannels(size: number | undefined): boolean {
  return size === 1 || size === 3;
}

function notPictures({ name, shape }: Pick<OnnxEnd, 'name' | 'shape'>, where: string): InputError {
  const sizes = shape.map((size) => size ?? '?').join(', ');
  return new InputError({
    where,
    received: `the input "${name}" [${sizes}]`,
    expected: 'pictures [N, C, H, W] or [N, H, W, C] of 1 or 3 channels',
  });
}

/**
 * What an ONNX file's output answers.
 * @param softmax whether it comes out of a softmax, where the metadata do not say
 * @throws InputError when it is not one number per class
 */
export function onnxOutput(
  { name, dtype, shape }: OnnxEnd,
  metadata: ReadonlyMap<string, string>,
  { where, softmax }: { readonly where: string; readonly softmax: boolean },
): NetOutput {
  const sizes = shape.slice(1).filter((size) => size !== 1);
  if (dtype !== 'float32' || shape.length < 2 || sizes.length > 1)
    throw new InputError({
      where,
      received: `the output "${name}" [${shape.map((size) => size ?? '?').join(', ')}]`,
      expected: 'one float32 number per class',
    });
  const said = metadata.get('mien.output');
  const probabilities = said === undefined ? softmax : said === 'probabilities';
  return { name, classes: sizes[0], probabilities };
}
