import { GraphError, InputError } from '../../core/errors.js';
import type { Preprocessing } from '../../core/preprocessing.js';
import type { Tensor } from '../../core/tensor.js';
import { toColour } from '../../data/decode.js';
import type { Picture } from '../../data/images.js';
import { resizePixels } from '../../data/resize.js';
import type { Calibration } from '../../models/model.js';
import { softmaxRows } from '../../predict/rows.js';
import type { DescribedSession, Port } from '../../runtime/session.js';
import type { Recognizer } from './recognizer.js';

/** How a session of another engine is asked for expressions. */
export interface DescribedModel {
  /** Engine and version. */
  readonly name: string;
  readonly session: DescribedSession;
  readonly preprocessing: Preprocessing;
  readonly classes: readonly string[];
  /** `pixels`: the network takes 0..255 and normalizes itself; `normalized`: as the record says. */
  readonly takes: 'pixels' | 'normalized';
  /** Whether the outputs are logits, of which a softmax makes probabilities. */
  readonly logits: boolean;
  /** Logits are divided by its temperature before the softmax. */
  readonly calibration?: Calibration | undefined;
}

/**
 * A recognizer over a session with one picture in, `[1, H, W, C]`, and one row of classes out.
 * @throws InputError when the network's ends are others
 */
export function describedRecognizer(model: DescribedModel): Recognizer {
  const { session, classes, preprocessing } = model;
  const input = onlyPort(model.name, session.inputs, 'input');
  const output = onlyPort(model.name, session.outputs, 'output');
  checkEnds(model, input, output);
  const fill = inputFiller(input, model);
  return {
    name: model.name,
    classes,
    preprocessing,
    recognize: async (face) => {
      const results = await session.run({ [input.name]: fill(face) });
      const values = realValues(results[output.name], output);
      return model.logits ? softmaxRows(values, classes.length, model.calibration?.temperature) : values;
    },
    close: () => session.close(),
  };
}

function onlyPort(where: string, ports: readonly Port[], what: string): Port {
  const [port] = ports;
  if (port !== undefined && ports.length === 1) return port;
  throw new InputError({
    where,
    received: `a network with ${ports.length} ${what}s`,
    expected: `one ${what}`,
  });
}

function checkEnds({ name, classes }: DescribedModel, input: Port, output: Port): void {
  const [n, , , channels = 0] = input.shape;
  if (input.shape.length !== 4 || n !== 1 || (channels !== 1 && channels !== 3)) {
    const received = `an input of shape [${input.shape.join(', ')}]`;
    throw new InputError({ where: name, received, expected: 'one picture, [1, height, width, 1 or 3]' });
  }
  const outputs = output.shape.reduce((a, b) => a * b, 1);
  if (outputs === classes.length) return;
  const expected = `${classes.length}, one per class (${classes.join(', ')})`;
  throw new InputError({ where: name, received: `${outputs} outputs`, expected });
}

/** Turns faces into one input tensor, always the same memory. */
function inputFiller(input: Port, { takes, preprocessing }: DescribedModel): (face: Picture) => Tensor {
  const [, height = 1, width = 1, channels = 1] = input.shape;
  const data = storage(input.dtype, height * width * channels);
  const tensor = { dtype: input.dtype, shape: input.shape, data } as Tensor;
  const { interpolation, antialias, mean, std, scale } = preprocessing;
  const stored = storedValue(input);
  return (face) => {
    const picture = toColour(face, channels === 1 ? 'grey' : 'rgb');
    const values = resizePixels(picture, height, width, { interpolation, antialias });
    for (let i = 0; i < values.length; i++) {
      const pixel = values[i] ?? 0;
      const c = i % channels;
      data[i] = stored(takes === 'pixels' ? pixel : (pixel * scale - (mean[c] ?? 0)) / (std[c] ?? 1));
    }
    return tensor;
  };
}

function storage(
  dtype: Port['dtype'],
  length: number,
): Float32Array | Uint8ClampedArray | Uint8Array | Int8Array {
  if (dtype === 'float32') return new Float32Array(length);
  if (dtype === 'uint8') return new Uint8Array(length);
  if (dtype === 'int8') return new Int8Array(length);
  throw new InputError({
    where: 'input',
    received: `values of type ${dtype}`,
    expected: 'float32, uint8 or int8',
  });
}

/** From real numbers to what the input holds: rounded and clipped for integers. */
function storedValue({ dtype, quantization }: Port): (real: number) => number {
  if (dtype === 'float32') return (real) => real;
  const [low, high] = dtype === 'uint8' ? [0, 255] : [-128, 127];
  const { scale = 1, zeroPoint = 0 } = quantization ?? {};
  return (real) => Math.max(low, Math.min(high, Math.round(real / scale) + zeroPoint));
}

function realValues(result: Tensor | undefined, { dtype, quantization, name }: Port): Float32Array {
  if (result === undefined)
    throw new GraphError({ where: 'recognizer', received: `no output "${name}"`, expected: 'one' });
  if (dtype === 'float32') return Float32Array.from(result.data as Float32Array);
  const { scale = 1, zeroPoint = 0 } = quantization ?? {};
  return Float32Array.from(result.data as Uint8Array, (stored) => scale * (stored - zeroPoint));
}
