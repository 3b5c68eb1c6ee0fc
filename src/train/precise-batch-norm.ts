import { float32 } from '../core/tensor.js';
import type { Batch } from '../data/batches.js';
import { isTrainable } from '../layers/layer.js';
import type { KernelSet } from '../lower/kernels.js';
import { lowerGraph } from '../lower/lower.js';
import { simplify } from '../lower/simplify.js';
import { flatLayout, packFlat, unpackFlat, type FlatLayout } from '../models/flat.js';
import type { Weights } from '../models/model.js';
import type { Value } from '../onnx/graph.js';
import { encodeModel } from '../onnx/encode.js';
import type { Feeds, Runtime, Session } from '../runtime/session.js';
import { forwardPass, type ForwardOptions } from './forward-pass.js';
import { StepContext } from './step-context.js';

/** Batch norms on the batch's own statistics, and nothing dropped: in use nothing drops either. */
class StatisticsContext extends StepContext {
  override dropoutMask(): Value {
    return this.o.scalar(1);
  }
}

/**
 * Computes the moving statistics of a net's trainable batch norms anew, from pictures and given weights: "precise
 * batch norm" (Wu & Johnson, Rethinking "Batch" in BatchNorm, 2021, arXiv:2105.07576, section 3).
 *
 * A mean is the mean of the batches' means, a variance the mean of their variances plus the variance of their means,
 * so that the statistics of the first norm are exactly those of all pictures together.
 *
 * @example
 * const pass = await PreciseBatchNorm.create(runtime, kernels, { graph, weights, preprocessing, ...sizes });
 * const recalibrated = await pass.recalibrate(weights, batches);
 */
export class PreciseBatchNorm {
  private constructor(
    private readonly session: Session | undefined,
    private readonly parameters: FlatLayout,
    private readonly statistics: FlatLayout,
    private readonly options: ForwardOptions,
  ) {}

  /** Compiles the pass; layers that are not trainable keep the weights and the statistics of `options`. */
  static async create(
    runtime: Runtime,
    kernels: KernelSet,
    options: ForwardOptions,
  ): Promise<PreciseBatchNorm> {
    const slots = options.graph.weightSlots;
    const parameters = flatLayout(slots.filter(({ layer, spec }) => isTrainable(layer, spec)));
    const { graph, context } = forwardPass(options, parameters, StatisticsContext);
    const { statistics } = context;
    const session =
      statistics.size === 0
        ? undefined
        : await runtime.createSession(encodeModel(lowerGraph(simplify(graph), kernels)));
    return new PreciseBatchNorm(session, parameters, statistics, options);
  }

  /**
   * Weights with new moving statistics; a net without trainable batch norms keeps its own.
   * @param batches training pictures `[N, C, h, w]`, pixels 0..255
   */
  async recalibrate(weights: Weights, batches: Iterable<Pick<Batch, 'x'>>): Promise<Weights> {
    if (this.session === undefined) return weights;
    const { batchSize, pictureShape } = this.options;
    const parameters = float32(packFlat(this.parameters, weights), [this.parameters.size]);
    const sums = new Sums(this.statistics);
    for (const { x } of batches) {
      const feeds: Feeds = { x: float32(x, [batchSize, ...pictureShape]), parameters };
      const results = await this.session.run(feeds);
      sums.add((name) => results[name]?.data as Float32Array);
    }
    const changed = new Map(weights);
    unpackFlat(this.statistics, sums.statistics(), changed);
    return changed;
  }

  async close(): Promise<void> {
    await this.session?.close();
  }
}

/** Sums over batches of means, and of variances plus squared means: `[S]` each, in the layout of the statistics. */
class Sums {
  private readonly means: Float64Array;
  private readonly squares: Float64Array;
  private batches = 0;

  constructor(private readonly layout: FlatLayout) {
    this.means = new Float64Array(layout.size);
    this.squares = new Float64Array(layout.size);
  }

  add(batchValue: (name: string) => Float32Array): void {
    this.batches++;
    for (const { mean, variance, offset } of this.norms()) {
      const [m, v] = [batchValue(`batch/${mean}`), batchValue(`batch/${variance}`)];
      m.forEach((value, i) => {
        this.means[offset + i] = (this.means[offset + i] ?? 0) + value;
        this.squares[offset + i] = (this.squares[offset + i] ?? 0) + (v[i] ?? 0) + value * value;
      });
    }
  }

  statistics(): Float32Array {
    const flat = new Float32Array(this.layout.size);
    for (const { offset, size, varianceOffset } of this.norms()) {
      for (let i = 0; i < size; i++) {
        const mean = (this.means[offset + i] ?? 0) / this.batches;
        flat[offset + i] = mean;
        flat[varianceOffset + i] = Math.max(0, (this.squares[offset + i] ?? 0) / this.batches - mean * mean);
      }
    }
    return flat;
  }

  /** Where each norm's two statistics lie. */
  private *norms() {
    const { entries } = this.layout;
    for (const { slot, offset, size } of entries) {
      if (slot.spec.name !== 'moving_mean') continue;
      const variance = slot.key.replace(/mean$/, 'variance');
      const varianceOffset = entries.find((entry) => entry.slot.key === variance)?.offset ?? 0;
      yield { mean: slot.key, variance, offset, size, varianceOffset };
    }
  }
}
