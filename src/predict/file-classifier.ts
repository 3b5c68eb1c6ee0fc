import { InputError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { float32, type Shape, type Tensor } from '../core/tensor.js';
import { flipPictures } from '../data/batches.js';
import type { Calibration } from '../models/model.js';
import { preprocess } from '../models/preprocess.js';
import { GraphBuilder } from '../onnx/builder.js';
import { encodeModel } from '../onnx/encode.js';
import { decomposeGraph } from '../ops/decompose.js';
import { Emitter } from '../ops/emitter.js';
import { schemaOf } from '../ops/registry.js';
import type { Runtime, Session } from '../runtime/session.js';
import type { Classifier } from './classifier-interface.js';
import type { FileNet, NetInput, NetOutput, OpenNet, Scale } from './file-net.js';
import { logRows, softmaxRows } from './rows.js';

/** What a classifier from a file is made of. */
export interface FileInferenceOptions {
  readonly net: FileNet;
  readonly preprocessing: Preprocessing;
  readonly batchSize: number;
  /** [C, h, w] of the pictures that come in, pixels 0..255. */
  readonly pictureShape: readonly [number, number, number];
  /** `flip`: the mean of the logits of each picture and of its mirror image. */
  readonly average?: 'none' | 'flip';
  /** Logits are divided by its temperature before the softmax; a network that ends in probabilities did that itself. */
  readonly calibration?: Calibration;
}

/**
 * A classifier from a network in a file: preprocessing runs before it, unless the network does it itself.
 * @throws InputError when the record does not fit the network
 */
export async function createFileClassifier(
  runtime: Runtime,
  options: FileInferenceOptions,
): Promise<Classifier> {
  const { net, batchSize } = options;
  checkRecord(options);
  const open = await net.open(runtime, batchSize);
  const feeder = await createFeeder(runtime, options, open.batch).catch(async (error: unknown) => {
    await open.session.close();
    throw error;
  });
  const { temperature = 1 } = (net.output.probabilities ? undefined : options.calibration) ?? {};
  const once = (pictures: Float32Array) => runAll(options, { open, feeder }, pictures);
  const logits = async (pictures: Float32Array) => {
    const rows = await once(pictures);
    if (options.average !== 'flip') return rows;
    const mirrored = pictures.slice();
    flipPictures(mirrored, options.pictureShape[2]);
    const others = await once(mirrored);
    return rows.map((value, i) => (value + (others[i] ?? 0)) / 2);
  };
  return {
    batchSize,
    logits,
    probabilities: async (pictures) => {
      const rows = await logits(pictures);
      return softmaxRows(rows, rows.length / batchSize, temperature);
    },
    close: async () => {
      await open.session.close();
      await feeder.close();
    },
  };
}

function checkRecord({ net: { input, name }, preprocessing, pictureShape }: FileInferenceOptions): void {
  const normalized = input.kind === 'normalized';
  const given = normalized ? preprocessing.inputSize : [pictureShape[1], pictureShape[2]];
  const channels = normalized ? preprocessing.channels : input.channels;
  const [height, width] = input.size ?? given;
  if (given[0] === height && given[1] === width && channels === input.channels) return;
  throw new InputError({
    where: `model "${name}"`,
    received: `pictures of ${given.join('×')}, ${channels} channels, from the preprocessing record`,
    expected: `${height}×${width}, ${input.channels} channels`,
    remedy: 'give a record that fits with --preprocessing FILE',
  });
}

interface Parts {
  readonly open: OpenNet;
  readonly feeder: Feeder;
}

/** Logits of a batch, in as many runs as the network needs. */
async function runAll(
  { net, batchSize, pictureShape }: FileInferenceOptions,
  { open, feeder }: Parts,
  pictures: Float32Array,
): Promise<Float32Array> {
  const size = pictureShape.reduce((a, b) => a * b, 1);
  const parts: Float32Array[] = [];
  for (let start = 0; start < batchSize; start += open.batch) {
    const chunk = new Float32Array(open.batch * size);
    chunk.set(pictures.subarray(start * size, Math.min(start + open.batch, batchSize) * size));
    const results = await open.session.run({ [net.input.name]: await feeder.feed(chunk) });
    parts.push(logitsOf(results[net.output.name], net.output));
  }
  const row = (parts[0]?.length ?? 0) / open.batch;
  const rows = new Float32Array(parts.length * open.batch * row);
  parts.forEach((part, i) => rows.set(part, i * open.batch * row));
  return rows.subarray(0, batchSize * row);
}

function logitsOf(
  output: Tensor | undefined,
  { name, probabilities, quantization }: NetOutput,
): Float32Array {
  if (output === undefined)
    throw new InputError({ where: 'model', received: `no output "${name}"`, expected: 'one' });
  const numbers = realNumbers(output.data, quantization);
  return probabilities ? logRows(numbers) : numbers;
}

function realNumbers(data: Tensor['data'], scale: Scale | undefined): Float32Array {
  if (data instanceof Float32Array) return data;
  const { scale: step, zeroPoint } = scale ?? { scale: 1, zeroPoint: 0 };
  return Float32Array.from(Array.from(data, Number), (stored) => step * (stored - zeroPoint));
}

/** Turns a batch of pictures into what a network takes. */
export interface Feeder {
  feed(pictures: Float32Array): Promise<Tensor>;
  close(): Promise<void>;
}

/** Prepares a network's input for `batch` pictures at a time. */
export async function createFeeder(
  runtime: Runtime,
  { net: { input }, preprocessing, pictureShape }: FileInferenceOptions,
  batch: number,
): Promise<Feeder> {
  const shape = [batch, ...pictureShape];
  const session = await runtime.createSession(encodeModel(feedGraph(input, preprocessing, shape)));
  return {
    feed: async (pictures) => stored(await only(session, pictures, shape), input),
    close: () => session.close(),
  };
}

async function only(session: Session, data: Float32Array, shape: Shape): Promise<Tensor> {
  const { y } = await session.run({ x: float32(data, shape) });
  if (y === undefined)
    throw new InputError({ where: 'preprocessing', received: 'nothing', expected: 'pictures' });
  return y;
}

/** The preprocessing that a network leaves to others, and the order of its axes. */
function feedGraph(input: NetInput, record: Preprocessing, shape: Shape) {
  const builder = new GraphBuilder('feed', schemaOf);
  const o = new Emitter(builder);
  const x = builder.input('x', 'float32', shape);
  const [n = 1, c = 1, h = 1, w = 1] = shape;
  const spread = c === input.channels ? x : o.expand(x, [n, input.channels, h, w]);
  const pictures = input.kind === 'normalized' ? preprocess(o, x, record) : spread;
  builder.output('y', input.channelsLast ? o.transpose(pictures, [0, 2, 3, 1]) : pictures);
  return decomposeGraph(builder.build());
}

/** Numbers in the element type of an input. */
function stored({ data, shape }: Tensor, { dtype, kind, quantization }: NetInput): Tensor {
  const numbers = data as Float32Array;
  if (dtype === 'float32') return { dtype, shape, data: numbers };
  const pixels = kind !== 'normalized' || quantization === undefined;
  const { scale, zeroPoint } = pixels ? { scale: 1, zeroPoint: 0 } : quantization;
  const [least, most] = dtype === 'uint8' ? [0, 255] : [-128, 127];
  const round = (value: number) => Math.min(most, Math.max(least, Math.round(value / scale) + zeroPoint));
  const integers = dtype === 'uint8' ? Uint8Array.from(numbers, round) : Int8Array.from(numbers, round);
  return { dtype, shape, data: integers };
}
