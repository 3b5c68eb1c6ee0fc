import { activation } from '../layers/activation.js';
import { batchNormalization } from '../layers/batch-normalization.js';
import { conv2d } from '../layers/conv2d.js';
import { dense } from '../layers/dense.js';
import { heNormal } from '../layers/initializers.js';
import { globalAveragePooling2d } from '../layers/pooling.js';
import type { LayerGraph } from './layer-graph.js';
import { normalCell, reductionCell, type CellOutput } from './nasnet-cells.js';
import { NetBuilder, type Feature } from './net-builder.js';
import { checkImageShape, withoutPreprocessing, type NetOptions } from './net-options.js';

/** NASNet-A (4 @ 1056): normal cells per stage, and filters of the first stage (1056 / 24). */
const CELLS = 4;
const FILTERS = 44;

/**
 * NASNet-A (4 @ 1056), 4,269,716 parameters without top (Zoph et al., Learning Transferable Architectures, 2018;
 * `keras.applications.NASNetMobile`): layer names, order and padding are Keras's.
 *
 * Input [H, W, C]; output without top [⌈H/32⌉, ⌈W/32⌉, 1056].
 *
 * @throws InputError when the picture is smaller than 32×32
 * @example const backbone = nasnetMobile({ inputShape: [96, 96, 3] });
 */
export function nasnetMobile(options: NetOptions): LayerGraph {
  const { inputShape, includeTop, weights } = options;
  checkImageShape('nasnetMobile', inputShape, 32);
  withoutPreprocessing('nasnetMobile', options);
  const net = new NetBuilder();
  const epsilon = weights?.epsilon ?? 1e-3;
  const features = net.add(activation('relu'), cells(stem(net.input(inputShape), epsilon), epsilon));
  if (includeTop === undefined) return net.build('nasnet_mobile', [features]);
  const top = dense({ units: includeTop.classes, activation: 'softmax' });
  return net.build('nasnet_mobile', [
    net.add(top, net.add(globalAveragePooling2d(), features), 'predictions'),
  ]);
}

function stem(image: Feature, epsilon: number): Feature {
  const { net } = image;
  const kernelInitializer = heNormal();
  const conv = conv2d({ filters: 32, kernelSize: 3, strides: 2, useBias: false, kernelInitializer });
  const x = net.add(conv, image, 'stem_conv1');
  return net.add(batchNormalization({ epsilon, momentum: 0.9997 }), x, 'stem_bn1');
}

/** Two reductions, then three stages of normal cells with a reduction between each two. */
function cells(image: Feature, epsilon: number): Feature {
  const first = reductionCell({ x: image, previous: undefined, filters: FILTERS / 4, id: 'stem_1', epsilon });
  let state: CellOutput = reductionCell({ ...first, filters: FILTERS / 2, id: 'stem_2', epsilon });
  for (const stage of [0, 1, 2]) {
    const filters = FILTERS * 2 ** stage;
    const start = stage * CELLS;
    if (stage > 0) state = reductionCell({ ...state, filters, id: `reduce_${start}`, epsilon });
    for (let i = 0; i < CELLS; i++) {
      const id = String(start + i + (stage > 0 ? 1 : 0));
      state = normalCell({ ...state, filters, id, epsilon });
    }
  }
  return state.x;
}
