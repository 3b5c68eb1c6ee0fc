import { InputError } from '../../../core/errors.js';
import { float32, sameShape, sizeOf, type Shape } from '../../../core/tensor.js';
import { fromChannelsLast, toChannelsLast } from '../../../layers/spatial.js';
import { permuteAxes } from '../../../layers/permute.js';
import { decodeFloat16 } from '../../../models/weights/float16.js';
import { GraphBuilder } from '../../../onnx/builder.js';
import type { Value } from '../../../onnx/graph.js';
import { Emitter } from '../../../ops/emitter.js';
import { schemaOf } from '../../../ops/registry.js';
import type { ReadOperator, ReadTensor, TfliteFile } from './parse-tflite.js';

/** Axis order of a value of four axes: as in the file, or as ONNX's convolutions want it. */
export type Layout = 'nhwc' | 'nchw';

/** Values of one tensor in the graph under construction, by layout; other ranks than four have `nhwc` only. */
type Forms = Partial<Record<Layout, Value>>;

/** The graph that grows while operators are read. */
export class Conversion {
  readonly builder: GraphBuilder;
  readonly o: Emitter;
  private readonly values = new Map<number, Forms>();
  /** Constants that operators made of constants: weights widened from half precision. */
  private readonly constants = new Map<number, Float32Array>();
  private readonly initializers = new Map<string, Value>();
  private count = 0;

  constructor(
    readonly file: TfliteFile,
    /** The file's name, for messages. */
    readonly where: string,
    private readonly batch: { readonly from: number; readonly to: number },
  ) {
    this.builder = new GraphBuilder(file.name === '' ? 'model' : file.name, schemaOf);
    this.o = new Emitter(this.builder);
  }

  tensor(index: number | undefined): ReadTensor {
    const tensor = this.file.tensors[index ?? -1];
    if (tensor !== undefined) return tensor;
    throw this.refused('an operator with too few tensors', 'all that it needs');
  }

  /** A tensor's shape, for a computed one with the batch that is wanted. */
  shapeOf(index: number): Shape {
    const { shape, data } = this.tensor(index);
    const { from, to } = this.batch;
    if (data !== undefined || this.constants.has(index)) return shape;
    return shape[0] === from && from !== to ? [to, ...shape.slice(1)] : shape;
  }

  /** Declares a graph input. */
  input(index: number, name: string, dtype: 'float32' | 'uint8'): void {
    this.values.set(index, { nhwc: this.builder.input(name, dtype, this.shapeOf(index)) });
  }

  /** Floats of a constant; undefined for a value that is computed. */
  floats(index: number): Float32Array | undefined {
    const known = this.constants.get(index);
    if (known !== undefined) return known;
    const { data, type, name } = this.tensor(index);
    if (data === undefined || this.values.has(index)) return undefined;
    // A copy, aligned for any element size.
    const { buffer } = new Uint8Array(data);
    if (type === 'float32') return new Float32Array(buffer);
    if (type === 'float16') return decodeFloat16(new Uint16Array(buffer));
    throw this.refused(`the constant "${name}" of type ${type}`, 'floats');
  }

  /** Floats that an operator needs to know. @throws InputError when they are computed */
  constantFloats(index: number | undefined): Float32Array {
    const values = this.floats(index ?? -1);
    if (values !== undefined) return values;
    throw this.refused(`the computed weight "${this.tensor(index).name}"`, 'a constant');
  }

  /** Integers of a constant. */
  integers(index: number | undefined): number[] {
    const { data, type, name } = this.tensor(index);
    if (data === undefined || type !== 'int32')
      throw this.refused(`"${name}" of type ${type} as shape or axes`, 'constant int32');
    return Array.from(new Int32Array(new Uint8Array(data).buffer));
  }

  /** Keeps a constant made of a constant. */
  defineConstant(index: number, data: Float32Array): void {
    if (data.length !== sizeOf(this.tensor(index).shape))
      throw this.refused(
        `${data.length} values for "${this.tensor(index).name}"`,
        'as many as its shape holds',
      );
    this.constants.set(index, data);
  }

  /** A tensor as a value in a layout; constants become initializers. */
  value(index: number, layout: Layout = 'nhwc'): Value {
    const rank = this.tensor(index).shape.length;
    const wanted = rank === 4 ? layout : 'nhwc';
    const forms = this.values.get(index);
    if (forms === undefined) return this.initializer(index, wanted);
    const known = forms[wanted];
    if (known !== undefined) return known;
    const made =
      wanted === 'nchw'
        ? fromChannelsLast(this.o, required(this, forms.nhwc))
        : toChannelsLast(this.o, required(this, forms.nchw));
    this.values.set(index, { ...forms, [wanted]: made });
    return made;
  }

  /** The layout in which a value of four axes is at hand; constants and other ranks have none. */
  layoutOf(index: number): Layout | undefined {
    const forms = this.values.get(index);
    if (this.tensor(index).shape.length !== 4 || forms === undefined) return undefined;
    return forms.nchw === undefined ? 'nhwc' : 'nchw';
  }

  /** What an operator's only output is. @throws InputError when the file says that it has another shape */
  define(operator: ReadOperator, value: Value, layout: Layout = 'nhwc'): void {
    const [index = -1, ...others] = operator.outputs;
    if (others.length > 0) throw this.refused(`${operator.name} with ${others.length + 1} outputs`, 'one');
    const [n = 1, h = 1, w = 1, c = 1] = this.shapeOf(index);
    const rank = this.shapeOf(index).length;
    const expected = rank === 4 && layout === 'nchw' ? [n, c, h, w] : this.shapeOf(index);
    if (!sameShape(value.shape, expected) || value.dtype !== 'float32')
      throw this.refused(
        `${operator.name} "${this.tensor(index).name}" of shape [${expected.join(', ')}]`,
        `[${value.shape.join(', ')}], which its inputs make`,
      );
    if (this.values.has(index) || this.constants.has(index))
      throw this.refused(`"${this.tensor(index).name}" made twice`, 'once');
    this.values.set(index, { [rank === 4 ? layout : 'nhwc']: value });
  }

  /** An initializer under a name of its own. */
  weight(data: Float32Array, shape: Shape): Value {
    this.count++;
    return this.builder.initializer(`weight_${this.count}`, float32(data, shape));
  }

  refused(received: string, expected: string): InputError {
    return new InputError({ where: this.where, received, expected });
  }

  /** A constant as an initializer, one for each layout. */
  private initializer(index: number, layout: Layout): Value {
    const key = `${index} ${layout}`;
    const known = this.initializers.get(key);
    if (known !== undefined) return known;
    const data = this.floats(index);
    const { shape, name } = this.tensor(index);
    if (data === undefined) throw this.refused(`an operator that reads "${name}" before it is made`, 'order');
    const [n = 1, h = 1, w = 1, c = 1] = shape;
    const value =
      layout === 'nhwc'
        ? this.weight(data, shape)
        : this.weight(permuteAxes(data, shape, [0, 3, 1, 2]), [n, c, h, w]);
    this.initializers.set(key, value);
    return value;
  }
}

function required(conversion: Conversion, value: Value | undefined): Value {
  if (value !== undefined) return value;
  throw conversion.refused('a tensor without a value', 'one');
}
