import { InputError } from '../core/errors.js';
import type { Shape } from '../core/tensor.js';
import type { Value } from '../onnx/graph.js';
import type { Emitter } from '../ops/emitter.js';
import { ConfigReader } from './config-reader.js';
import type { JsonObject } from './json.js';
import type { CallContext, Layer, Operand, WeightSpec } from './layer.js';

/** What a layer's `call` gets. */
export interface LayerCall {
  readonly o: Emitter;
  /** The first input. */
  readonly x: Value;
  readonly inputs: readonly Value[];
  readonly context: CallContext;
  readonly layer: Layer;
  /** One of this layer's weights in engine layout. */
  readonly weight: (name: string) => Value;
}

/** One kind of layer in one declaration; `C` is its configuration in Mien's own words. */
export interface LayerDefinition<C> {
  readonly className: string;
  /** False for bare operations. */
  readonly isLayer?: boolean;
  operand?(config: C): Operand | undefined;
  /** Reads Keras's configuration. @throws InputError on what Mien cannot compute */
  read(reader: ConfigReader): C;
  /** Keras's `get_config()` less `name`, `trainable` and `dtype`. */
  write(config: C): JsonObject;
  weights?(config: C, inputs: readonly Shape[]): readonly WeightSpec[];
  /** @throws InputError by way of {@link misfit} */
  outputShape(config: C, inputs: readonly Shape[], where: string): Shape;
  call(config: C, call: LayerCall): Value;
}

/** A layer that has everything but a name, which the net that takes it in may choose. */
export interface LayerDraft {
  readonly className: string;
  create(name: string): Layer;
}

/** A kind of layer. */
export interface LayerType<C> {
  readonly className: string;
  draft(config: C): LayerDraft;
  /** A layer of Keras's configuration. @throws InputError naming the layer and the field */
  fromConfig(name: string, json: JsonObject): Layer;
}

/** Turns a declaration into a kind of layer. */
export function defineLayer<C>(definition: LayerDefinition<C>): LayerType<C> {
  const { className } = definition;
  return {
    className,
    draft: (config) => ({ className, create: (name) => new DefinedLayer(definition, config, name) }),
    fromConfig: (name, json) => {
      const reader = new ConfigReader(`${className} "${name}"`, json);
      const layer = new DefinedLayer(definition, definition.read(reader), name);
      layer.trainable = reader.boolean('trainable', true);
      return layer;
    },
  };
}

class DefinedLayer<C> implements Layer {
  trainable = true;

  constructor(
    private readonly definition: LayerDefinition<C>,
    private readonly own: C,
    readonly name: string,
  ) {}

  get className(): string {
    return this.definition.className;
  }

  get isLayer(): boolean {
    return this.definition.isLayer ?? true;
  }

  get operand(): Operand | undefined {
    return this.definition.operand?.(this.own);
  }

  config(): JsonObject {
    const { name, trainable } = this;
    const common = this.isLayer ? { name, trainable, dtype: 'float32' } : { name };
    return { ...common, ...this.definition.write(this.own) };
  }

  weights(inputShapes: readonly Shape[]): readonly WeightSpec[] {
    return this.definition.weights?.(this.own, inputShapes) ?? [];
  }

  outputShape(inputShapes: readonly Shape[]): Shape {
    const shape = this.definition.outputShape(this.own, inputShapes, this.where);
    if (shape.every((size) => size >= 1)) return shape;
    const received = inputShapes.map(shapeText).join(' and ');
    throw new InputError({ where: this.where, received, expected: 'an input large enough for it' });
  }

  call(context: CallContext, inputs: readonly Value[]): Value {
    const [x] = inputs;
    if (x === undefined) throw misfit(this.where, [], 'an input');
    const weight = (name: string) => context.weight(this, name);
    return this.definition.call(this.own, { o: context.o, x, inputs, context, layer: this, weight });
  }

  private get where(): string {
    return `${this.className} "${this.name}"`;
  }
}

/** The complaint about inputs of a shape that a layer cannot take. */
export function misfit(where: string, inputs: readonly Shape[], expected: string): InputError {
  const received = inputs.length === 0 ? 'no input' : inputs.map(shapeText).join(' and ');
  return new InputError({ where, received, expected });
}

/** The only input, a picture [H, W, C]. @throws InputError on anything else */
export function pictureOf(where: string, inputs: readonly Shape[]): readonly [number, number, number] {
  const [first] = inputs;
  if (inputs.length === 1 && first?.length === 3) return first as unknown as [number, number, number];
  throw misfit(where, inputs, 'one picture [H, W, C]');
}

/** The only input. @throws InputError when there are none or several */
export function onlyOf(where: string, inputs: readonly Shape[]): Shape {
  const [first] = inputs;
  if (inputs.length === 1 && first !== undefined) return first;
  throw misfit(where, inputs, 'one input');
}

function shapeText(shape: Shape): string {
  return `shape [${shape.join(', ')}]`;
}
