import type { Preprocessing } from '../src/core/preprocessing.js';
import { createRandom } from '../src/core/random.js';
import { withHead } from '../src/models/head.js';
import type { LayerGraph } from '../src/models/layer-graph.js';
import { mobileNetV3Small } from '../src/models/mobilenet-v3-small.js';
import { initialWeights, type Weights } from '../src/models/model.js';
import { applyTrainable, type TrainableRule } from '../src/train/trainable.js';
import { SIZES, type Work } from './cases.js';

/** A net ready to be measured. */
export interface Net {
  readonly graph: LayerGraph;
  readonly weights: Weights;
}

/** First layer of the head. */
export const HEAD_START = 'head_pool';

/** What trains, by kind of work. */
export const TRAINABLE: Readonly<Record<Work, TrainableRule>> = {
  frozen: { layers: 'head' },
  top60: { layers: 'top', count: SIZES.trainableLayers, batchNorm: 'frozen' },
  full: { layers: 'all', batchNorm: 'trainable' },
  inference: { layers: 'head' },
};

/** MobileNetV3-Small with PyTorch's padding and the reference head; the work's layers are frozen. */
export function netFor(work: Work): Net {
  const { size, classes, l2 } = SIZES;
  const style = { padding: 'symmetric', epsilon: 1e-3 } as const;
  const backbone = mobileNetV3Small({ inputShape: [size, size, 3], weights: style });
  const graph = withHead(backbone, { classes, l2 });
  applyTrainable(graph, HEAD_START, TRAINABLE[work]);
  return { graph, weights: initialWeights(graph, createRandom(1)) };
}

/** Places of the convolutions that train in `top60` among all convolutions, in the order of the net. */
export function trainableConvolutions(): number[] {
  const { layers } = netFor('top60').graph;
  const convolutions = layers.filter(({ className }) => className.endsWith('Conv2D'));
  return convolutions.flatMap(({ trainable }, index) => (trainable ? [index] : []));
}

/** Normalized pictures that come in at their final size and stay as they are. */
export function normalizedInput(): Preprocessing {
  const { size } = SIZES;
  const [mean, std] = [
    [0, 0, 0],
    [1, 1, 1],
  ];
  return { ...pixelInput(), sourceSize: [size, size], colour: 'rgb', scale: 1, mean, std };
}

/** Grey pictures of 48×48 pixels in 0..255. */
export function pixelInput(): Preprocessing {
  return {
    version: 1,
    sourceSize: [48, 48],
    inputSize: [SIZES.size, SIZES.size],
    channels: 3,
    colour: 'grey',
    interpolation: 'bicubic',
    antialias: true,
    scale: 1 / 255,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    cropMargin: 0,
  };
}
