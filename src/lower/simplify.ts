import type { Graph } from '../onnx/graph.js';
import { fillDepthwise } from './fill-depthwise.js';
import { foldBatchNorm } from './fold-batch-norm.js';
import { foldConstants } from './fold-constants.js';
import { fusePadding } from './fuse-padding.js';
import { fuseSampling } from './fuse-sampling.js';
import { padMaxPool } from './pad-max-pool.js';
import { poolEarly } from './pool-early.js';

/**
 * Rewrites that leave the function unchanged and are made before differentiation, so that the backward
 * pass profits too: zero padding moves into the convolution, a batch norm that runs on its moving
 * statistics is folded into the convolution before it, averages are taken before pointwise convolutions, and what
 * only depends on constants is computed now.
 *
 * Values that are read again later keep their names.
 */
export function simplify(graph: Graph): Graph {
  return foldConstants(poolEarly(foldBatchNorm(fusePadding(graph))));
}

/** {@link simplify}, and what only pays where no gradient is taken. */
export function simplifyInference(graph: Graph): Graph {
  return foldConstants(padMaxPool(fillDepthwise(fuseSampling(simplify(graph)))));
}
