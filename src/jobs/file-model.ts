import { InputError } from '../core/errors.js';
import { onnxRecord } from '../export/onnx/onnx-record.js';
import { readOnnx, type OnnxFile } from '../export/onnx/read-onnx.js';
import { isSoftmax, scaleOf } from '../export/tflite/read/ends.js';
import { parseTflite, type ReadTensor, type TfliteFile } from '../export/tflite/read/parse-tflite.js';
import { convertTflite, isQuantized, tfliteRecord } from '../export/tflite/read/read-tflite.js';
import { encodeModel } from '../onnx/encode.js';
import type { FileNet, NetInput, NetOutput } from '../predict/file-net.js';
import { onnxInput, onnxOutput, pictureAxes } from '../predict/onnx-ends.js';
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
    input: onnxInput(input, file.metadata, where),
    output: onnxOutput(output, file.metadata, { where, softmax: file.endsInSoftmax }),
    batch,
    open: async (runtime, wanted) => ({
      session: await runtime.createSession(bytes),
      batch: batch ?? wanted,
    }),
  };
  return { net, file, ...onnxRecord(file.metadata, where) };
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
