import { InputError } from '../../core/errors.js';
import type { Preprocessing } from '../../core/preprocessing.js';
import type { NetStyle } from '../net-options.js';

/** A file's digest; Keras publishes MD5 sums only. */
export interface Checksum {
  readonly algorithm: 'sha256' | 'md5';
  /** Lower-case hexadecimal. */
  readonly digest: string;
}

/** How pictures become input, as far as weights decide it. */
export type InputStatistics = Pick<Preprocessing, 'channels' | 'scale' | 'mean' | 'std'>;

/** Everything that belongs to a file of pretrained weights. */
export interface WeightRecord extends NetStyle {
  /** The net that it fills, by Mien's name. */
  readonly model: string;
  /** The record's name among those of its net. */
  readonly name: string;
  readonly fileName: string;
  readonly checksum: Checksum;
  /** Size in bytes, where it is known. */
  readonly bytes?: number;
  /** Where the file can be downloaded; absent for files that one must bring along. */
  readonly url?: string;
  readonly licence: string;
  /** Who trained it on what. */
  readonly origin: string;
  readonly input: InputStatistics;
}

const IMAGENET: InputStatistics = {
  channels: 3,
  scale: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

/** Pixels in [-1, 1]. */
const CENTRED: InputStatistics = {
  channels: 3,
  scale: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
};

/** Where Keras keeps the weights of its applications. */
const KERAS_FILES = 'https://storage.googleapis.com/tensorflow/keras-applications';

/** Every known file of pretrained weights. */
export const WEIGHT_RECORDS: readonly WeightRecord[] = [
  {
    model: 'mobileNetV3Small',
    name: 'torchvision',
    fileName: 'mobilenet_v3_small_imagenet1k_torchvision.keras_layout.h5',
    checksum: {
      algorithm: 'sha256',
      digest: '9e663c12a11814439401007b14fd73cb2e5ef360e1824749e9b4854c46dee4da',
    },
    bytes: 4_029_600,
    licence: 'BSD-3-Clause',
    origin: 'torchvision MobileNet_V3_Small_Weights.IMAGENET1K_V1, in Keras layout',
    padding: 'symmetric',
    epsilon: 1e-3,
    input: IMAGENET,
  },
  {
    model: 'mobileNetV3Small',
    name: 'keras',
    fileName: 'weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5',
    checksum: { algorithm: 'md5', digest: 'd3e8ec802a04aa4fc771ee12a9a9b836' },
    url: `${KERAS_FILES}/mobilenet_v3/weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5`,
    licence: 'Apache-2.0',
    origin: 'keras.applications.MobileNetV3Small, trained on ImageNet-1k',
    padding: 'keras',
    epsilon: 1e-3,
    input: CENTRED,
  },
  {
    model: 'mobileNetV3Large',
    name: 'keras',
    fileName: 'weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5',
    checksum: { algorithm: 'md5', digest: '07fb09a5933dd0c8eaafa16978110389' },
    url: `${KERAS_FILES}/mobilenet_v3/weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5`,
    licence: 'Apache-2.0',
    origin: 'keras.applications.MobileNetV3Large, trained on ImageNet-1k',
    padding: 'keras',
    epsilon: 1e-3,
    input: CENTRED,
  },
  {
    model: 'densenet121',
    name: 'keras',
    fileName: 'densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5',
    checksum: { algorithm: 'md5', digest: '30ee3e1110167f948a6b9946edeeb738' },
    url: `${KERAS_FILES}/densenet/densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5`,
    licence: 'Apache-2.0',
    origin: 'keras.applications.DenseNet121, trained on ImageNet-1k',
    padding: 'keras',
    epsilon: 1.001e-5,
    input: IMAGENET,
  },
  {
    model: 'densenet121',
    name: 'keras-float16',
    fileName: 'densenet121_imagenet.keras_layout.float16.h5',
    checksum: {
      algorithm: 'sha256',
      digest: '4ca405a3363a2190824912d3da21a7abf3b93d3374cc0111e515971e019deda1',
    },
    bytes: 15_040_344,
    licence: 'Apache-2.0',
    origin: 'keras.applications.DenseNet121, trained on ImageNet-1k, rounded to half precision',
    padding: 'keras',
    epsilon: 1.001e-5,
    input: IMAGENET,
  },
  {
    model: 'nasnetMobile',
    name: 'keras',
    fileName: 'nasnet_mobile_no_top.h5',
    checksum: { algorithm: 'md5', digest: '1ed92395b5b598bdda52abe5c0dbfd63' },
    url: `${KERAS_FILES}/nasnet/NASNet-mobile-no-top.h5`,
    licence: 'Apache-2.0',
    origin: 'keras.applications.NASNetMobile, trained on ImageNet-1k',
    padding: 'keras',
    epsilon: 1e-3,
    input: CENTRED,
  },
];

/** What a net without pretrained weights expects: the first record's style and input, or Keras's own. */
export function untrainedRecord(model: string): NetStyle & Pick<WeightRecord, 'input'> {
  const record = WEIGHT_RECORDS.find((candidate) => candidate.model === model);
  return record ?? { padding: 'keras', epsilon: 1e-3, input: CENTRED };
}

/**
 * The weight record of a net and a name.
 * @throws InputError listing the names that there are
 * @example findRecord('mobileNetV3Small', 'torchvision')
 */
export function findRecord(model: string, name: string): WeightRecord {
  const candidates = WEIGHT_RECORDS.filter((record) => record.model === model);
  const found = candidates.find((record) => record.name === name);
  if (found !== undefined) return found;
  const expected =
    candidates.length === 0 ? 'a net that has weights' : `one of ${candidates.map((r) => r.name).join(', ')}`;
  throw new InputError({ where: `weights of ${model}`, received: `"${name}"`, expected });
}

/** Kinds of input by the names of Keras's `preprocess_input` modes, and two more. */
export const INPUTS: Readonly<Record<string, InputStatistics>> = {
  /** [-1, 1]. */
  tf: CENTRED,
  /** [0, 1], less ImageNet's mean, over its standard deviation. */
  torch: IMAGENET,
  /** 0..255 as they are: the model has a rescaling inside. */
  raw: { channels: 3, scale: 1, mean: [0, 0, 0], std: [1, 1, 1] },
  /** [0, 1]. */
  unit: { channels: 3, scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1] },
};

/** What a person decides about preprocessing; the rest comes from the weights. */
export interface PreprocessingChoice {
  /** [height, width] in pixels of the model's input. */
  readonly inputSize: readonly [number, number];
  /** [height, width] in pixels that pictures are brought to first; the input size by default. */
  readonly sourceSize?: readonly [number, number];
  readonly colour?: Preprocessing['colour'];
  readonly interpolation?: Preprocessing['interpolation'];
  /** Fraction of a face box's longer side. */
  readonly cropMargin?: number;
}

/** The preprocessing record of weights for a given input size: bicubic with antialias unless told otherwise. */
export function preprocessingOf(input: InputStatistics, choice: PreprocessingChoice): Preprocessing {
  const {
    inputSize,
    sourceSize = inputSize,
    colour = 'rgb',
    interpolation = 'bicubic',
    cropMargin = 0,
  } = choice;
  return { version: 1, sourceSize, inputSize, colour, interpolation, antialias: true, cropMargin, ...input };
}
