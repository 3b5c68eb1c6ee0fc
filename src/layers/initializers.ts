import { InputError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import { sizeOf, type Shape } from '../core/tensor.js';
import { isJsonObject, type Json, type JsonObject } from './json.js';
import type { Initializer } from './layer.js';

/** Every weight 0. */
export function zeros(): Initializer {
  return make('Zeros', {}, () => () => 0);
}

/** Every weight 1. */
export function ones(): Initializer {
  return make('Ones', {}, () => () => 1);
}

/** Every weight `value`. */
export function constant(value: number): Initializer {
  return make('Constant', { value }, () => () => value);
}

/** Uniform in [minval, maxval). */
export function randomUniform(minval = -0.05, maxval = 0.05): Initializer {
  return make('RandomUniform', { seed: null, minval, maxval }, () => (r) => r.between(minval, maxval));
}

/** Normal. */
export function randomNormal(mean = 0, stddev = 0.05): Initializer {
  return make('RandomNormal', { seed: null, mean, stddev }, () => (r) => mean + stddev * r.normal());
}

/** Normal, redrawn beyond two standard deviations. */
export function truncatedNormal(mean = 0, stddev = 0.05): Initializer {
  return make('TruncatedNormal', { seed: null, mean, stddev }, () => (r) => mean + stddev * truncated(r));
}

type Mode = 'fan_in' | 'fan_out' | 'fan_avg';
type Distribution = 'uniform' | 'truncated_normal' | 'untruncated_normal';

/** Standard deviation of a standard normal cut at ±2: what a truncated draw is divided by. */
const TRUNCATED_DEVIATION = 0.87962566103423978;

/** Values of variance `scale / fan` (Glorot & Bengio 2010, He et al. 2015). */
export function varianceScaling(
  scale: number,
  mode: Mode,
  distribution: Distribution,
  className = 'VarianceScaling',
): Initializer {
  const config = className === 'VarianceScaling' ? { scale, mode, distribution } : {};
  return make(className, { seed: null, ...config, input_axes: null, output_axes: null }, (shape) => {
    const deviation = Math.sqrt(scale / Math.max(1, fanOf(shape, mode)));
    if (distribution === 'uniform') {
      const limit = Math.sqrt(3) * deviation;
      return (random) => random.between(-limit, limit);
    }
    if (distribution === 'untruncated_normal') return (random) => deviation * random.normal();
    return (random) => (deviation / TRUNCATED_DEVIATION) * truncated(random);
  });
}

/** Uniform of variance 2 / (fanIn + fanOut): Keras's default for kernels. */
export function glorotUniform(): Initializer {
  return varianceScaling(1, 'fan_avg', 'uniform', 'GlorotUniform');
}

/** Truncated normal of variance 2 / fanIn, for layers followed by a ReLU. */
export function heNormal(): Initializer {
  return varianceScaling(2, 'fan_in', 'truncated_normal', 'HeNormal');
}

/** Uniform of variance 2 / fanIn. */
export function heUniform(): Initializer {
  return varianceScaling(2, 'fan_in', 'uniform', 'HeUniform');
}

type Reader = (config: JsonObject) => Initializer;

const READERS: Readonly<Record<string, Reader>> = {
  Zeros: zeros,
  Ones: ones,
  Constant: (c) => constant(numberOf(c['value'], 0)),
  RandomUniform: (c) => randomUniform(numberOf(c['minval'], -0.05), numberOf(c['maxval'], 0.05)),
  RandomNormal: (c) => randomNormal(numberOf(c['mean'], 0), numberOf(c['stddev'], 0.05)),
  TruncatedNormal: (c) => truncatedNormal(numberOf(c['mean'], 0), numberOf(c['stddev'], 0.05)),
  GlorotUniform: glorotUniform,
  GlorotNormal: () => varianceScaling(1, 'fan_avg', 'truncated_normal', 'GlorotNormal'),
  HeUniform: heUniform,
  HeNormal: heNormal,
  LecunUniform: () => varianceScaling(1, 'fan_in', 'uniform', 'LecunUniform'),
  LecunNormal: () => varianceScaling(1, 'fan_in', 'truncated_normal', 'LecunNormal'),
  VarianceScaling: (c) =>
    varianceScaling(
      numberOf(c['scale'], 1),
      oneOf(c['mode'], ['fan_in', 'fan_out', 'fan_avg']),
      oneOf(c['distribution'], ['truncated_normal', 'uniform', 'untruncated_normal']),
    ),
};

/** Keras's serialized form of an initializer. */
export function writeInitializer(initializer: Initializer): JsonObject {
  return {
    module: 'keras.initializers',
    class_name: initializer.className,
    config: initializer.config(),
    registered_name: null,
  };
}

/**
 * Reads Keras's serialized form, or a name such as `glorot_uniform`.
 * @throws InputError naming an initializer that is not supported
 */
export function readInitializer(where: string, json: Json): Initializer {
  const className = isJsonObject(json) ? json['class_name'] : json;
  const config = isJsonObject(json) ? json['config'] : undefined;
  const key = typeof className === 'string' ? camelCase(className) : '';
  const reader = Object.hasOwn(READERS, key) ? READERS[key] : undefined;
  if (reader !== undefined) return reader(isJsonObject(config) ? config : {});
  const received = `initializer ${className === undefined ? 'without a name' : JSON.stringify(className)}`;
  throw new InputError({ where, received, expected: `one of ${Object.keys(READERS).join(', ')}` });
}

/** Keras's fan of a weight: kernels are [...receptive field, in, out], depthwise ones [..., channels, multiplier]. */
function fanOf(shape: Shape, mode: Mode): number {
  const [fanIn, fanOut] = fans(shape);
  if (mode === 'fan_in') return fanIn;
  return mode === 'fan_out' ? fanOut : (fanIn + fanOut) / 2;
}

function fans(shape: Shape): [number, number] {
  if (shape.length < 2) return [shape[0] ?? 1, shape[0] ?? 1];
  const field = sizeOf(shape.slice(0, -2));
  return [field * (shape.at(-2) ?? 1), field * (shape.at(-1) ?? 1)];
}

function truncated(random: Random): number {
  for (;;) {
    const z = random.normal();
    if (Math.abs(z) < 2) return z;
  }
}

function make(
  className: string,
  config: JsonObject,
  rule: (shape: Shape) => (random: Random) => number,
): Initializer {
  return {
    className,
    config: () => config,
    fill: (shape, random) => {
      const draw = rule(shape);
      return new Float32Array(sizeOf(shape)).map(() => draw(random));
    },
  };
}

function camelCase(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function numberOf(value: Json | undefined, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}

function oneOf<T extends string>(value: Json | undefined, choices: readonly [T, ...T[]]): T {
  return choices.find((choice) => choice === value) ?? choices[0];
}
