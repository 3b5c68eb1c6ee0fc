import type { Preprocessing } from '../../core/preprocessing.js';
import { createRandom } from '../../core/random.js';
import type { LayerGraph } from '../../models/layer-graph.js';
import { initialWeights, type Model } from '../../models/model.js';

/** A record as grey models have it: small pictures brought to the net's size, copied to three channels. */
export function recordOf(inputSize: number, options: Partial<Preprocessing> = {}): Preprocessing {
  return {
    version: 1,
    sourceSize: [inputSize, inputSize],
    inputSize: [inputSize, inputSize],
    channels: 3,
    colour: 'grey',
    interpolation: 'bicubic',
    antialias: true,
    scale: 1 / 255,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    cropMargin: 0,
    ...options,
  };
}

/** A model with drawn weights; batch norms and biases get values that change something. */
export function drawnModel(graph: LayerGraph, preprocessing?: Preprocessing): Model {
  const random = createRandom(7);
  const weights = initialWeights(graph, random);
  for (const { key, spec } of graph.weightSlots) {
    const range = RANGES[spec.name];
    const values = weights.get(key);
    if (range === undefined || values === undefined) continue;
    const stream = random.fork('drawn', key);
    weights.set(
      key,
      values.map(() => stream.between(range[0], range[1])),
    );
  }
  const classes = ['angry', 'disgust', 'happy', 'neutral', 'surprise'];
  return { graph, weights, preprocessing, classes, origin: { net: graph.name } };
}

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  gamma: [0.6, 1.4],
  beta: [-0.3, 0.3],
  moving_mean: [-0.2, 0.2],
  moving_variance: [0.6, 1.4],
  bias: [-0.3, 0.3],
};
