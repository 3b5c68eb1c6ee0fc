import type { Preprocessing } from '../core/preprocessing.js';
import type { Tensor } from '../core/tensor.js';
import type { Picture } from '../data/images.js';
import { resizeImage, resizePixels } from '../data/resize.js';
import { toColour } from '../data/to-colour.js';
import type { NetInput } from '../predict/file-net.js';

/**
 * A picture as a network's input, by the same steps and in the same numbers as in Node: colour, source size rounded to
 * whole grey levels, input size, normalization.
 *
 * @returns a batch of one
 */
export function prepare(picture: Picture, record: Preprocessing, input: NetInput): Tensor {
  const [height, width] = record.sourceSize;
  const source = resizeImage(toColour(picture, record.colour), height, width);
  if (input.kind !== 'normalized') return arranged(source.pixels, source, input);
  const [inputHeight, inputWidth] = record.inputSize;
  const same = inputHeight === height && inputWidth === width;
  const pixels = same ? source.pixels : resizePixels(source, inputHeight, inputWidth, record);
  return arranged(
    pixels,
    { height: inputHeight, width: inputWidth, channels: source.channels },
    input,
    record,
  );
}

/** Pixels `[row, column, channel]` in a network's order, grey copied to its channels. */
function arranged(
  pixels: ArrayLike<number>,
  { height, width, channels }: Pick<Picture, 'height' | 'width' | 'channels'>,
  input: NetInput,
  record?: Preprocessing,
): Tensor {
  const area = height * width;
  const data =
    input.dtype === 'uint8' ? new Uint8Array(area * input.channels) : new Float32Array(area * input.channels);
  for (let channel = 0; channel < input.channels; channel++) {
    const [factor, shift] = normalization(record, channel);
    const from = channels === 1 ? 0 : channel;
    const [start, step] = input.channelsLast ? [channel, input.channels] : [channel * area, 1];
    for (let i = 0; i < area; i++)
      data[start + i * step] = (pixels[i * channels + from] ?? 0) * factor + shift;
  }
  const shape = input.channelsLast ? [1, height, width, input.channels] : [1, input.channels, height, width];
  return data instanceof Uint8Array ? { dtype: 'uint8', shape, data } : { dtype: 'float32', shape, data };
}

/** `(pixel · scale − mean) / std` as a factor and what is added. */
function normalization(record: Preprocessing | undefined, channel: number): readonly [number, number] {
  if (record === undefined) return [1, 0];
  const std = record.std[channel] ?? 1;
  return [record.scale / std, -(record.mean[channel] ?? 0) / std];
}
