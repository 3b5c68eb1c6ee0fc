import { GraphError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { toColour } from '../data/decode.js';
import type { Picture } from '../data/images.js';
import { permuteAxes } from '../layers/permute.js';
import type { Runtime } from '../runtime/session.js';
import type { Artefact, ArtefactInterface } from './export-formats.js';
import { planesOf, type LayerAnswers } from './layer-answers.js';

/** Pictures per run where the file takes any number. */
const BATCH = 8;

/** What an artefact is run on. */
export interface ArtefactInputs {
  readonly pictures: readonly Picture[];
  readonly reference: Pick<LayerAnswers, 'inputs' | 'inputShape'>;
  /** Channels of the model's input. */
  readonly channels: 1 | 3;
}

/** Answers of an exported file in the engine that will run it, [n, K] in order of the pictures. */
export async function artefactAnswers(
  runtime: Runtime,
  bytes: Uint8Array,
  inputs: ArtefactInputs,
  { engine, ...about }: ArtefactInterface & Pick<Artefact, 'engine'>,
): Promise<Float32Array> {
  const session = await runtime.createSession(bytes);
  const { pictures } = inputs;
  const rows: number[] = [];
  try {
    for (let start = 0; start < pictures.length;) {
      const left = pictures.length - start;
      const count = about.batch === 'dynamic' ? Math.min(BATCH, left) : about.batch;
      const x = feedOf(inputs, { start, count, kind: about.kind, nhwc: engine === 'tflite' });
      const [output] = Object.values(await session.run({ [about.input]: x }));
      rows.push(...rowsOf(output, count, Math.min(count, left)));
      start += count;
    }
  } finally {
    await session.close();
  }
  return Float32Array.from(rows);
}

function rowsOf(output: Tensor | undefined, count: number, wanted: number): number[] {
  const data = output?.data;
  if (!(data instanceof Float32Array))
    throw new GraphError({
      where: 'exported model',
      received: `${output?.dtype ?? 'no'} answers`,
      expected: 'float32',
    });
  return Array.from(data.subarray(0, (data.length / count) * wanted));
}

interface Slice {
  readonly start: number;
  readonly count: number;
  readonly kind: ArtefactInterface['kind'];
  /** Channels last, as in TensorFlow Lite. */
  readonly nhwc: boolean;
}

function feedOf({ pictures, reference, channels }: ArtefactInputs, slice: Slice): Tensor {
  const { start, count, kind, nhwc } = slice;
  if (kind === 'normalized') {
    const [c = 1, h = 1, w = 1] = reference.inputShape;
    const size = c * h * w;
    const last = pictures.length - 1;
    const data = new Float32Array(count * size);
    for (let i = 0; i < count; i++) {
      const from = Math.min(start + i, last) * size;
      data.set(reference.inputs.subarray(from, from + size), i * size);
    }
    const shape = [count, c, h, w];
    if (!nhwc) return { dtype: 'float32', shape, data };
    return { dtype: 'float32', shape: [count, h, w, c], data: permuteAxes(data, shape, [0, 2, 3, 1]) };
  }
  const coloured = pictures.map((picture) =>
    toColour(picture, kind === 'pixels' || channels === 3 ? 'rgb' : 'grey'),
  );
  return kind === 'pixels' ? pixelFeed(coloured, start, count) : imageFeed(coloured, start, count);
}

function pixelFeed(pictures: readonly Picture[], start: number, count: number): Tensor {
  const { height = 1, width = 1, channels = 1 } = pictures[0] ?? {};
  return {
    dtype: 'float32',
    shape: [count, channels, height, width],
    data: planesOf(pictures, start, count),
  };
}

function imageFeed(pictures: readonly Picture[], start: number, count: number): Tensor {
  const { height = 1, width = 1, channels = 1, pixels } = pictures[0] ?? {};
  const size = pixels?.length ?? 0;
  const data = new Uint8Array(count * size);
  for (let i = 0; i < count; i++) {
    const picture = pictures[Math.min(start + i, pictures.length - 1)];
    if (picture !== undefined) data.set(picture.pixels, i * size);
  }
  return { dtype: 'uint8', shape: [count, height, width, channels], data };
}
