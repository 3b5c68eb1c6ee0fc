import { bestOf } from '../core/rows.js';
import type { Random } from '../core/random.js';
import { float32, type Tensor } from '../core/tensor.js';
import type { Batch } from '../data/batches.js';
import { lowerGraph } from '../lower/lower.js';
import type { KernelSet } from '../lower/kernels.js';
import { packFlat, unpackFlat } from '../models/flat.js';
import type { Weights } from '../models/model.js';
import { encodeModel } from '../onnx/encode.js';
import type { Runtime, Session } from '../runtime/session.js';
import { dropoutMasks } from './masks.js';
import { buildTrainingStep, type StepOptions, type TrainingStep } from './step.js';
import { StateVectors } from './vectors.js';

/** What one step reports. */
export interface StepResult {
  /** Mean loss of the batch, penalties included. */
  readonly loss: number;
  /** Samples whose largest logit is at their largest label. */
  readonly correct: number;
}

/** Scalars of one step. */
export interface StepScalars {
  /** 1 for the first update of the stage. */
  readonly step: number;
  readonly learningRate: number;
  /** Decay of the weight average. */
  readonly averageDecay: number;
  readonly random: Random;
}

/** A compiled training step with its state. */
export class Stepper {
  readonly state: StateVectors;

  private constructor(
    readonly step: TrainingStep,
    private readonly session: Session,
    private readonly options: StepOptions,
  ) {
    this.state = new StateVectors(initialState(step, options));
  }

  /** Compiles the step of these options. */
  static async create(runtime: Runtime, kernels: KernelSet, options: StepOptions): Promise<Stepper> {
    const step = buildTrainingStep(options);
    const session = await runtime.createSession(encodeModel(lowerGraph(step.graph, kernels)));
    return new Stepper(step, session, options);
  }

  /** Runs one update. */
  async run(batch: Batch, scalars: StepScalars): Promise<StepResult> {
    const feeds = { ...this.batchFeeds(batch), ...this.scalarFeeds(scalars), ...this.state.feeds() };
    const masks = dropoutMasks(this.step.dropout, scalars.random);
    const results = await this.session.run({ ...feeds, ...masks }, this.state.targets());
    this.state.swap();
    const logits = results['logits']?.data as Float32Array;
    return {
      loss: Number(results['loss']?.data[0]),
      correct: countCorrect(logits, batch.y, this.options.batchSize),
    };
  }

  /** Copies current parameters (or their average) and statistics into a model's weights. */
  exportWeights(into: Weights, which: 'parameters' | 'average' = 'parameters'): void {
    unpackFlat(this.step.parameters, this.state.get(which), into);
    if (this.step.statistics.size > 0) unpackFlat(this.step.statistics, this.state.get('statistics'), into);
  }

  /** Copies of all state vectors. */
  snapshot(): Map<string, Float32Array> {
    return new Map(this.state.names.map((name) => [name, this.state.get(name).slice()]));
  }

  /** Puts saved vectors back. @throws GraphError when one does not belong to this step */
  restore(vectors: ReadonlyMap<string, Float32Array>): void {
    for (const [name, data] of vectors) this.state.get(name).set(data);
  }

  async close(): Promise<void> {
    await this.session.close();
  }

  private batchFeeds({ x, y, weight }: Batch): Record<string, Tensor> {
    const { batchSize, pictureShape } = this.options;
    return {
      x: float32(x, [batchSize, ...pictureShape]),
      y: float32(y, [batchSize, y.length / batchSize]),
      weight: float32(weight, [batchSize]),
    };
  }

  private scalarFeeds({ step, learningRate, averageDecay }: StepScalars): Record<string, Tensor> {
    const { optimizer } = this.step;
    const values = optimizer.scalarsAt(step, learningRate);
    const scalars = optimizer.scalars.map((name, i): [string, Tensor] => [
      name,
      float32([values[i] ?? 0], []),
    ]);
    if (this.options.average === true) scalars.push(['decay_of_average', float32([averageDecay], [])]);
    return Object.fromEntries(scalars);
  }
}

function initialState(step: TrainingStep, { weights, average }: StepOptions): Map<string, Float32Array> {
  const parameters = packFlat(step.parameters, weights);
  const state = new Map([['parameters', parameters]]);
  for (const slot of step.optimizer.slots) state.set(slot, new Float32Array(parameters.length));
  if (average === true) state.set('average', parameters.slice());
  if (step.statistics.size > 0) state.set('statistics', packFlat(step.statistics, weights));
  return state;
}

function countCorrect(logits: Float32Array, labels: Float32Array, batchSize: number): number {
  const classes = labels.length / batchSize;
  let correct = 0;
  for (let row = 0; row < batchSize; row++) {
    if (bestOf(logits, row, classes) === bestOf(labels, row, classes)) correct++;
  }
  return correct;
}
