import { GraphError } from '../../core/errors.js';
import type { DataOf, DType, Shape, Tensor } from '../../core/tensor.js';
import { permuteAxes } from '../../layers/permute.js';
import type { Graph, Node, TypeInfo } from '../../onnx/graph.js';
import {
  isWeighted,
  type Affine8,
  type QuantizedProgram,
  type QuantizedWeights,
  type Weighted,
} from '../quantize/quantized-program.js';
import { programGraph } from './write-onnx.js';

/**
 * A quantized program as an ONNX graph of float operators between QuantizeLinear and DequantizeLinear, which runtimes
 * fuse into integer kernels. What goes in and comes out is float32.
 */
export function quantizedGraph(quantized: QuantizedProgram): Graph {
  return new Rewriter(programGraph(quantized.program, 'float32'), quantized).run();
}

/** Puts pairs of QuantizeLinear and DequantizeLinear into a float graph. */
class Rewriter {
  private readonly nodes: Node[] = [];
  private readonly initializers: Map<string, Tensor>;
  private readonly types: Map<string, TypeInfo>;
  /** What nodes read in place of a value. */
  private readonly replaced = new Map<string, string>();

  constructor(
    private readonly graph: Graph,
    private readonly quantized: QuantizedProgram,
  ) {
    this.initializers = new Map(graph.initializers);
    this.types = new Map(graph.types);
  }

  run(): Graph {
    const { program, values, weights } = this.quantized;
    for (const { name, value } of program.inputs) this.input(name, values.get(value));
    for (const step of program.steps) {
      const stored = isWeighted(step) ? weights.get(step.name) : undefined;
      if (isWeighted(step) && stored !== undefined) this.weights(step, stored);
    }
    const forms = this.formsByOutput();
    for (const node of this.graph.nodes) this.node(node, forms);
    const { nodes, initializers, types } = this;
    return { ...this.graph, nodes, initializers, types };
  }

  /** Forms by the names that values have in the graph, where outputs have names of their own. */
  private formsByOutput(): Map<string, Affine8> {
    const { program, kept } = this.quantized;
    const forms = new Map(this.quantized.values);
    // ONNX Runtime 1.30 quantizes float weights itself, one scale per tensor, where it finds them between such pairs. What
    // a kept step makes therefore stays float.
    for (const step of program.steps) if (isWeighted(step) && kept.has(step.name)) forms.delete(step.output);
    for (const { name, value } of this.quantized.program.outputs) {
      const form = forms.get(value);
      if (form !== undefined && name !== value) forms.set(name, form);
    }
    return forms;
  }

  private node(node: Node, forms: ReadonlyMap<string, Affine8>): void {
    const [output = ''] = node.outputs;
    const form = this.types.get(output)?.dtype === 'float32' ? forms.get(output) : undefined;
    const inputs = node.inputs.map((name) => this.replaced.get(name) ?? name);
    if (form === undefined) {
      this.nodes.push({ ...node, inputs });
      return;
    }
    const type = this.typeOf(output);
    const raw = this.value(`${output}/float`, type);
    this.nodes.push({ ...node, inputs, outputs: [raw] });
    this.pair(raw, output, form);
  }

  /** A graph input: its readers read what was stored. */
  private input(name: string, form: Affine8 | undefined): void {
    if (form === undefined) return;
    const result = this.value(`${name}/dequantized`, this.typeOf(name));
    this.pair(name, result, form);
    this.replaced.set(name, result);
  }

  private pair(from: string, to: string, { scale, zeroPoint }: Affine8): void {
    const stored = this.value(`${to}/stored`, { dtype: 'int8', shape: this.typeOf(to).shape });
    const parameters = [
      this.shared('float32', Float32Array.of(scale)),
      this.shared('int8', Int8Array.of(zeroPoint)),
    ];
    this.add('QuantizeLinear', [from, ...parameters], stored);
    this.add('DequantizeLinear', [stored, ...parameters], to);
  }

  private weights(step: Weighted, { kernel, scales, bias, biasScales }: QuantizedWeights): void {
    const name = `${step.name}/kernel`;
    const { shape } = this.typeOf(name);
    this.constant(name, { dtype: 'int8', shape, data: inOnnxOrder(step, kernel) }, scales);
    this.constant(`${step.name}/bias`, { dtype: 'int32', shape: [bias.length], data: bias }, biasScales);
  }

  /** A stored constant in place of a float one; symmetric, so that it needs no zero point. */
  private constant(name: string, tensor: Tensor, scales: Float32Array): void {
    this.initializers.delete(name);
    const stored = this.initializer(`${name}/stored`, tensor);
    const scale = this.initializer(`${name}/scale`, {
      dtype: 'float32',
      shape: [scales.length],
      data: scales,
    });
    this.add('DequantizeLinear', [stored, scale], name, 0);
  }

  private shared<D extends DType>(dtype: D, data: DataOf[D]): string {
    const name = `${dtype}:${String(data[0])}`;
    return this.initializers.has(name) ? name : this.initializer(name, { dtype, shape: [], data });
  }

  private initializer(name: string, tensor: Tensor): string {
    this.initializers.set(name, tensor);
    return this.value(name, tensor);
  }

  private add(opType: string, inputs: readonly string[], output: string, axis?: number): void {
    const attributes = axis === undefined ? {} : { axis: { kind: 'int', value: axis } as const };
    this.nodes.push({ opType, domain: '', name: '', inputs, outputs: [output], attributes });
  }

  private value(name: string, { dtype, shape }: TypeInfo): string {
    this.types.set(name, { dtype, shape });
    return name;
  }

  private typeOf(name: string): TypeInfo {
    const type = this.types.get(name);
    if (type !== undefined) return type;
    throw new GraphError({ where: 'ONNX export', received: `the value "${name}"`, expected: 'a known one' });
  }
}

/** Kernels lie in an ONNX file as [filters, C / groups, kh, kw]. */
function inOnnxOrder(step: Weighted, kernel: Int8Array): Int8Array {
  if (step.kind === 'dense') return kernel;
  const [kh, kw] = step.window.size;
  const filters = step.bias.length;
  const [shape, order]: [Shape, number[]] =
    step.kind === 'depthwise'
      ? [
          [kh, kw, filters / step.multiplier, step.multiplier],
          [2, 3, 0, 1],
        ]
      : [
          [filters, kh, kw, kernel.length / (filters * kh * kw)],
          [0, 3, 1, 2],
        ];
  return Int8Array.from(permuteAxes(Float32Array.from(kernel), shape, order));
}
