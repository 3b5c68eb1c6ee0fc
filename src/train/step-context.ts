import { GraphError } from '../core/errors.js';
import { float32, type Shape } from '../core/tensor.js';
import type { CallContext, Layer } from '../layers/layer.js';
import { engineShape } from '../layers/layer.js';
import { flatLayout, engineValues, type FlatLayout } from '../models/flat.js';
import { weightKey, type LayerGraph, type WeightSlot } from '../models/layer-graph.js';
import type { Weights } from '../models/model.js';
import type { Value } from '../onnx/graph.js';
import type { Emitter } from '../ops/emitter.js';

/** A dropout mask that the host must supply each step. */
export interface DropoutMask {
  /** Name of the graph input. */
  readonly name: string;
  readonly shape: Shape;
  readonly rate: number;
}

interface MovingAverage {
  readonly slot: WeightSlot;
  readonly output: string;
  readonly momentum: number;
}

/** What layers ask of a training step: weights, masks, and a place for batch statistics. */
export class StepContext implements CallContext {
  readonly training = true;
  private readonly masks: DropoutMask[] = [];
  private readonly averages: MovingAverage[] = [];
  private readonly batchValues: Value[] = [];
  private readonly frozen = new Map<string, Value>();

  private readonly slots: ReadonlyMap<string, WeightSlot>;

  /**
   * @param variables trainable weights by key, in engine layout; all others become constants
   * @param momentum of every batch norm, in place of the layers' own
   */
  constructor(
    readonly o: Emitter,
    graph: LayerGraph,
    private readonly variables: ReadonlyMap<string, Value>,
    private readonly weights: Weights,
    private readonly momentum?: number,
  ) {
    this.slots = new Map(graph.weightSlots.map((slot) => [slot.key, slot]));
  }

  get dropout(): readonly DropoutMask[] {
    return this.masks;
  }

  /** The moving statistics that the step updates. */
  get statistics(): FlatLayout {
    return flatLayout(this.averages.map(({ slot }) => slot));
  }

  weight(layer: Layer, name: string): Value {
    const key = weightKey(layer, name);
    const known = this.variables.get(key) ?? this.frozen.get(key);
    return known ?? this.constant(key, this.slotOf(layer, name));
  }

  movingAverage(layer: Layer, name: string, batchValue: Value, momentum: number): void {
    const slot = this.slotOf(layer, name);
    const output = `batch/${slot.key}`;
    this.averages.push({ slot, output, momentum: this.momentum ?? momentum });
    this.batchValues.push(batchValue);
  }

  dropoutMask(layer: Layer, shape: Shape, rate: number): Value {
    const name = `mask/${layer.name}`;
    this.masks.push({ name, shape, rate });
    return this.o.builder.input(name, 'float32', shape);
  }

  /** Declares the batch's statistics as outputs, so that graph rewrites keep them. */
  keepBatchStatistics(): void {
    this.averages.forEach(({ output }, i) => {
      const value = this.batchValues[i];
      if (value !== undefined) this.o.builder.output(output, value);
    });
  }

  /** Adds `next_statistics = momentum · statistics + (1 − momentum) · batch` to a graph with those outputs. */
  nextStatistics(o: Emitter): void {
    const { size, entries } = this.statistics;
    if (size === 0) return;
    const momentum = new Float32Array(size);
    entries.forEach(({ offset, size: length }, i) => {
      momentum.fill(this.averages[i]?.momentum ?? 0, offset, offset + length);
    });
    const old = o.builder.input('statistics', 'float32', [size]);
    const batch = o.concat(
      this.averages.map(({ output }) => o.builder.value(output)),
      0,
    );
    const keep = o.builder.initializer('statistics_momentum', float32(momentum, [size]));
    const renew = o.builder.initializer(
      'one_minus_statistics_momentum',
      float32(
        momentum.map((m) => 1 - m),
        [size],
      ),
    );
    o.builder.output('next_statistics', o.add(o.mul(old, keep), o.mul(batch, renew)));
  }

  private constant(key: string, slot: WeightSlot): Value {
    const value = this.o.builder.initializer(
      `w/${key}`,
      float32(engineValues(slot, this.weights), engineShape(slot.spec)),
    );
    this.frozen.set(key, value);
    return value;
  }

  private slotOf(layer: Layer, name: string): WeightSlot {
    const slot = this.slots.get(weightKey(layer, name));
    if (slot !== undefined) return slot;
    const received = `a weight "${weightKey(layer, name)}"`;
    throw new GraphError({ where: 'training step', received, expected: 'a weight of the graph' });
  }
}
