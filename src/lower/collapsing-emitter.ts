import { sameShape, sizeOf, type Shape } from '../core/tensor.js';
import type { Value } from '../onnx/graph.js';
import { Emitter } from '../ops/emitter.js';

/** An emitter that adds no reshape of a reshape, none that changes nothing, and none twice. */
export class CollapsingEmitter extends Emitter {
  private readonly sources = new Map<string, Value>();
  private readonly made = new Map<string, Value>();

  override reshape(x: Value, shape: Shape): Value {
    const source = this.sources.get(x.name) ?? x;
    const target = shape.includes(-1) ? resolved(shape, sizeOf(x.shape)) : shape;
    if (sameShape(source.shape, target)) return source;
    const key = `${source.name}>${target.join()}`;
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const value = super.reshape(source, target);
    this.sources.set(value.name, source);
    this.made.set(key, value);
    return value;
  }
}

function resolved(shape: Shape, size: number): Shape {
  const rest = shape.reduce((product, axis) => (axis === -1 ? product : product * axis), 1);
  return shape.map((axis) => (axis === -1 ? size / rest : axis));
}
