import { GraphError } from '../../core/errors.js';
import type { DataOf, DType, Shape, Tensor } from '../../core/tensor.js';
import { permuteAxes } from '../../layers/permute.js';
import type { Graph, Node, TypeInfo } from '../../onnx/graph.js';
import type { Step, StepOf } from '../program/program.js';
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
  const program = {
    ...quantized.program,
    steps: quantized.program.steps.map((step) => bare(step, quantized)),
  };
  return new Rewriter(programGraph(program, 'float32'), { ...quantized, program }).run();
}

/** A step without the rectifier that its stored form is anyway: nothing below 0 or above 6 can be stored. */
function bare(step: Step, { values, kept }: QuantizedProgram): Step {
  const form = values.get(step.output);
  if (form === undefined || step.activation === 'none' || kept.has(step.name)) return step;
  const low = form.scale * (-128 - form.zeroPoint);
  const high = form.scale * (127 - form.zeroPoint);
  const bounded = low >= 0 && (step.activation === 'relu' || high <= 6 + form.scale / 2);
  return bounded ? { ...step, activation: 'none' } : step;
}

/** The levels of x, read from another zero. */
interface Gate {
  readonly x: string;
  readonly form: Affine8;
  readonly levels: number;
}

/** Puts pairs of QuantizeLinear and DequantizeLinear into a float graph. */
class Rewriter {
  private readonly nodes: Node[] = [];
  private readonly initializers: Map<string, Tensor>;
  private readonly types: Map<string, TypeInfo>;
  /** By the value of a node of a gate; undefined for nodes that are not written. */
  private readonly gates = new Map<string, Gate | undefined>();
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
    for (const step of program.steps) if (step.kind === 'hardGate') this.gate(step, forms);
    for (const node of this.graph.nodes) this.node(node, forms);
    const { nodes, types } = this;
    const read = new Set(nodes.flatMap(({ inputs }) => inputs));
    const initializers = new Map([...this.initializers].filter(([name]) => read.has(name)));
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

  /**
   * A gate reads the levels of x from a zero that lies `shift` lower, and stops at its upper end: exact, and without
   * arithmetic.
   */
  private gate(step: StepOf<'hardGate'>, forms: ReadonlyMap<string, Affine8>): void {
    const [x = ''] = step.inputs;
    const form = forms.get(x);
    if (form === undefined || this.quantized.kept.has(step.name)) return;
    this.gates.set(`${step.output}/shifted`, undefined);
    this.gates.set(step.output, { x, form, levels: Math.round(step.shift / form.scale) });
  }

  private shared8(value: number): string {
    return this.shared('uint8', Uint8Array.of(value));
  }

  private writeGate(output: string, { x, form, levels }: Gate): void {
    const { shape } = this.typeOf(output);
    const stored = this.value(`${output}/stored`, { dtype: 'uint8', shape });
    const zero = form.zeroPoint + 128 - levels;
    const bounds = [this.shared8(Math.max(0, zero)), this.shared8(Math.min(255, zero + 2 * levels))];
    this.add('Clip', [`${x}/stored`, ...bounds], stored);
    const scale = this.shared('float32', Float32Array.of(form.scale));
    this.add('DequantizeLinear', [stored, scale, this.shared8(zero)], output);
  }

  private node(node: Node, forms: ReadonlyMap<string, Affine8>): void {
    const [output = ''] = node.outputs;
    if (this.gates.has(output)) {
      const gate = this.gates.get(output);
      if (gate !== undefined) this.writeGate(output, gate);
      return;
    }
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
    const stored = this.value(`${to}/stored`, { dtype: 'uint8', shape: this.typeOf(to).shape });
    const parameters = [
      this.shared('float32', Float32Array.of(scale)),
      this.shared('uint8', Uint8Array.of(zeroPoint + 128)),
    ];
    this.add('QuantizeLinear', [from, ...parameters], stored);
    this.add('DequantizeLinear', [stored, ...parameters], to);
  }

  private weights(step: Weighted, { kernel, scales, bias, biasScales }: QuantizedWeights): void {
    const name = `${step.name}/kernel`;
    const { shape } = this.typeOf(name);
    // On AVX2 without VNNI, ONNX Runtime's product of uint8 and int8 adds pairs in 16 bits, which overflow; that of uint8
    // and uint8 does not.
    const data = Uint8Array.from(inOnnxOrder(step, kernel), (value) => value + 128);
    const zeros = new Uint8Array(scales.length).fill(128);
    this.constant(name, { dtype: 'uint8', shape, data }, scales, zeros);
    this.constant(`${step.name}/bias`, { dtype: 'int32', shape: [bias.length], data: bias }, biasScales);
  }

  /** A stored constant in place of a float one. */
  private constant(name: string, tensor: Tensor, scales: Float32Array, zeros?: Uint8Array): void {
    this.initializers.delete(name);
    const stored = this.initializer(`${name}/stored`, tensor);
    const scale = this.initializer(`${name}/scale`, {
      dtype: 'float32',
      shape: [scales.length],
      data: scales,
    });
    const parameters = zeros === undefined ? [scale] : [scale, this.zeroPoints(zeros)];
    this.add('DequantizeLinear', [stored, ...parameters], name, 0);
  }

  private zeroPoints(data: Uint8Array): string {
    const name = `zeros:${data.length}`;
    return this.initializers.has(name)
      ? name
      : this.initializer(name, { dtype: 'uint8', shape: [data.length], data });
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
