import { InputError } from '../core/errors.js';
import { readMienRecord, type MienRecord } from '../export/keras/mien-record.js';
import { readOnnx, type OnnxEnd, type OnnxFile } from '../export/onnx/read-onnx.js';
import { isSoftmax, scaleOf } from '../export/tflite/read/ends.js';
import { parseTflite, type ReadTensor, type TfliteFile } from '../export/tflite/read/parse-tflite.js';
import { convertTflite, isQuantized, tfliteRecord } from '../export/tflite/read/read-tflite.js';
import { encodeModel } from '../onnx/encode.js';
import type { FileNet, NetInput, NetOutput } from '../predict/file-net.js';
import type { Runtime } from '../runtime/session.js';
import type { FileModel } from './any-model.js';

/** An ONNX file as a classifier. @throws InputError when it is damaged or takes no pictures */
export function onnxModel(bytes: Uint8Array, where: string): FileModel & { readonly file: OnnxFile } {
  const file = readOnnx(bytes, where);
  const [input, ...others] = file.inputs;
  const [output] = file.outputs;
  if (input === undefined || output === undefined || others.length > 0)
    throw new InputError({ where, received: `${file.inputs.length} inputs`, expected: 'one, for pictures' });
  const batch = input.shape[0];
  const net: FileNet = {
    name: file.name === '' ? where : file.name,
    input: onnxInput(input, file, where),
    output: onnxOutput(output, file, where),
    batch,
    open: async (runtime, wanted) => ({
      session: await runtime.createSession(bytes),
      batch: batch ?? wanted,
    }),
  };
  return { net, file, ...onnxRecord(file, where) };
}

function onnxInput(input: OnnxEnd, { metadata }: OnnxFile, where: string): NetInput {
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
function pictureAxes(end: Pick<OnnxEnd, 'name' | 'shape'>, where: string) {
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

function onnxOutput({ name, dtype, shape }: OnnxEnd, file: OnnxFile, where: string): NetOutput {
  const sizes = shape.slice(1).filter((size) => size !== 1);
  if (dtype !== 'float32' || shape.length < 2 || sizes.length > 1)
    throw new InputError({
      where,
      received: `the output "${name}" [${shape.map((size) => size ?? '?').join(', ')}]`,
      expected: 'one float32 number per class',
    });
  const said = file.metadata.get('mien.output');
  const probabilities = said === undefined ? file.endsInSoftmax : said === 'probabilities';
  return { name, classes: sizes[0], probabilities };
}

/** The record in `metadata_props`, one key for each part. */
function onnxRecord({ metadata }: OnnxFile, where: string): MienRecord {
  const parts = ['preprocessing', 'labels', 'calibration', 'origin'].flatMap((key) => {
    const text = metadata.get(key);
    return text === undefined ? [] : [`"${key === 'labels' ? 'classes' : key}": ${text}`];
  });
  if (!metadata.has('mien.version')) return readMienRecord(where, undefined);
  return readMienRecord(
    where,
    `{"format": "mien-model", "version": 1${parts.map((part) => `, ${part}`).join('')}}`,
  );
}

/**
 * A TensorFlow Lite file as a classifier: float models are translated and run in ONNX Runtime, quantized ones run in
 * LiteRT itself.
 * @throws InputError when it is damaged, takes no pictures, or holds an operator that is not read
 */
export function tfliteModel(
  bytes: Uint8Array,
  where: string,
  litert: () => Runtime,
): FileModel & { readonly file: TfliteFile } {
  const file = parseTflite(bytes, where);
  const [input, ...others] = file.inputs;
  const [output] = file.outputs;
  if (input === undefined || output === undefined || others.length > 0)
    throw new InputError({ where, received: `${file.inputs.length} inputs`, expected: 'one, for pictures' });
  const record = tfliteRecord(file, where);
  const [x, y] = [file.tensors[input.tensor], file.tensors[output.tensor]];
  if (x === undefined || y === undefined)
    throw new InputError({ where, received: 'no input tensor', expected: 'one' });
  const quantized = isQuantized(file);
  // Translating once shows what is wrong with the file before pictures are read.
  if (!quantized) convertTflite(file, where);
  const net: FileNet = {
    name: file.name === '' ? where : file.name,
    input: tfliteInput(input.name, x, { quantized, where }),
    output: tfliteOutput(output.name, y, { file, tensor: output.tensor }),
    batch: x.shape[0] ?? 1,
    open: async (runtime, wanted) =>
      quantized
        ? { session: await litert().createSession(bytes), batch: x.shape[0] ?? 1 }
        : {
            session: await runtime.createSession(encodeModel(convertTflite(file, where, { batch: wanted }))),
            batch: wanted,
          },
  };
  return { net, file, ...record };
}

function tfliteInput(
  name: string,
  { type, shape, quantization }: ReadTensor,
  { quantized, where }: { readonly quantized: boolean; readonly where: string },
): NetInput {
  if (type !== 'float32' && type !== 'uint8' && type !== 'int8')
    throw new InputError({
      where,
      received: `the input "${name}" of type ${type}`,
      expected: 'float32, uint8 or int8',
    });
  const { channelsLast, ...rest } = pictureAxes({ name, shape }, where);
  const scale = scaleOf(quantization);
  // Pixels that stand for themselves.
  const raw = type === 'uint8' && (!quantized || (scale?.scale === 1 && scale.zeroPoint === 0));
  const integer = type !== 'float32' && !raw && scale !== undefined;
  return {
    name,
    kind: raw ? 'image' : 'normalized',
    channelsLast: channelsLast || shape[3] === 1 || shape[3] === 3,
    dtype: type,
    ...rest,
    ...(integer ? { quantization: scale } : {}),
  };
}

function tfliteOutput(
  name: string,
  { shape, quantization }: ReadTensor,
  { file, tensor }: { readonly file: TfliteFile; readonly tensor: number },
): NetOutput {
  const scale = scaleOf(quantization);
  return {
    name,
    classes: shape.at(-1),
    probabilities: isSoftmax(file, tensor),
    ...(scale === undefined ? {} : { quantization: scale }),
  };
}
