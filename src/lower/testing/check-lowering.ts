import { gradients } from '../../autodiff/gradients.js';
import { createRandom } from '../../core/random.js';
import { float32, type Shape } from '../../core/tensor.js';
import { GraphBuilder } from '../../onnx/builder.js';
import { checkGraph } from '../../onnx/check.js';
import type { Graph, Value } from '../../onnx/graph.js';
import { Emitter } from '../../ops/emitter.js';
import { evaluateGraph } from '../../ops/reference/evaluate.js';
import { ndarray, type NdArray } from '../../ops/reference/ndarray.js';
import { schemaOf } from '../../ops/registry.js';
import { requireClose } from '../../ops/testing/compare.js';
import { runOnnx } from '../../ops/testing/run-onnx.js';
import { ortNode } from '../../runtime/node/ort.js';
import { probeBlock } from '../../runtime/probe.js';
import { kernelsFor, type KernelSet } from '../kernels.js';
import { lowerGraph } from '../lower.js';
import { loweredSchemaOf } from '../nchwc-schema.js';
import { blockProbeModel } from '../probe-model.js';
import { simplify } from '../simplify.js';

/** Pictures per batch: a multiple of every CPU's block size. */
export const BATCH = 16;

/** The block size of this CPU, undefined where ONNX Runtime has no blocked kernels. */
export async function blockOfThisCpu(): Promise<number | undefined> {
  return probeBlock(ortNode(), blockProbeModel());
}

/** Every kernel set; what `fast` means where the CPU has no blocked kernels is the portable set. */
export function kernelSets(block: number | undefined): readonly (readonly [string, KernelSet])[] {
  return [
    ['fast', kernelsFor(block, BATCH)],
    ['portable', { kind: 'portable' }],
    ['pure', { kind: 'pure' }],
  ];
}

/** What a case is built from. Values are random and fixed. */
export interface TestNet {
  readonly o: Emitter;
  readonly b: GraphBuilder;
  /** A graph input that is not trained, e.g. pictures. */
  readonly input: (name: string, shape: Shape) => Value;
  /** A trained weight. */
  readonly weight: (name: string, shape: Shape) => Value;
  /** A frozen weight. */
  readonly frozen: (name: string, shape: Shape) => Value;
  /** Batch normalization by the batch's statistics, with trained scale and shift. */
  readonly batchNorm: (name: string, x: Value) => Value;
}

/** A small forward graph; its loss is a random projection of what it returns. */
export interface LoweringCase {
  readonly name: string;
  readonly build: (net: TestNet) => Value;
  /** Simplify the forward graph before differentiation, as a training step does. */
  readonly simplified?: boolean;
}

interface Prepared {
  readonly graph: Graph;
  readonly feeds: Readonly<Record<string, NdArray>>;
  readonly expected: ReadonlyMap<string, NdArray>;
}

const prepared = new WeakMap<LoweringCase, Prepared>();

/**
 * float32 holds 6e-8. Sums of some thousand products lose a digit, and a gradient through two batch norms is
 * a small difference of large terms; errors are relative to the largest element of each gradient.
 */
const TOLERANCE = 5e-5;

/**
 * Lowers a case and its gradients, runs it in ONNX Runtime and compares loss and all gradients with the
 * float64 reference of the graph before lowering.
 *
 * @returns the lowered graph, for assertions on its operators
 */
export async function checkLowering(c: LoweringCase, kernels: KernelSet): Promise<Graph> {
  const { graph, feeds, expected } = prepare(c);
  const lowered = lowerGraph(graph, kernels);
  checkGraph(lowered, loweredSchemaOf);
  const actual = await runOnnx(lowered, feeds);
  for (const { name } of graph.outputs) {
    requireClose(`${c.name}, ${name}`, actual.get(name), expected.get(name), TOLERANCE);
  }
  return lowered;
}

function prepare(c: LoweringCase): Prepared {
  const known = prepared.get(c);
  if (known !== undefined) return known;
  const graph = trainingGraph(c);
  const feeds = Object.fromEntries(graph.inputs.map(({ name, shape }) => [name, drawn(name, shape)]));
  const fresh = { graph, feeds, expected: evaluateGraph(graph, feeds) };
  prepared.set(c, fresh);
  return fresh;
}

/** Forward pass, loss and gradients of all trained weights. */
export function trainingGraph(c: LoweringCase): Graph {
  const first = new GraphBuilder(c.name, schemaOf);
  const net = new Net(first);
  first.output('y', c.build(net));
  const forward = first.build();
  const b = GraphBuilder.resume(c.simplified === true ? simplify(forward) : forward, schemaOf);
  const o = new Emitter(b);
  const y = b.value('y');
  const projection = b.initializer('projection', toFloat32(drawn('projection', y.shape)));
  const axes = y.shape.map((_, axis) => axis);
  const loss = o.reduceSum(o.mul(y, projection), axes, false);
  const grads = gradients(b, loss, net.trained);
  b.output('y_again', y);
  grads.forEach((grad, i) => b.output(`d_${net.trained[i]?.name ?? ''}`, grad));
  return b.build();
}

class Net implements TestNet {
  readonly o: Emitter;
  readonly trained: Value[] = [];

  constructor(readonly b: GraphBuilder) {
    this.o = new Emitter(b);
  }

  readonly input = (name: string, shape: Shape): Value => this.b.input(name, 'float32', shape);

  readonly weight = (name: string, shape: Shape): Value => {
    const value = this.input(name, shape);
    this.trained.push(value);
    return value;
  };

  readonly frozen = (name: string, shape: Shape): Value =>
    this.b.initializer(name, toFloat32(drawn(name, shape)));

  readonly batchNorm = (name: string, x: Value): Value => {
    const channels = [x.shape[1] ?? 1];
    const inputs = [x, this.weight(`${name}_gamma`, channels), this.weight(`${name}_beta`, channels)];
    const [y = x] = this.b.node('BatchNormTraining', inputs, { epsilon: 1e-3 }, { domain: 'mien' });
    return y;
  };
}

/** Normal draws that float32 holds exactly; names with `gamma` or `variance` get positive ones. */
function drawn(name: string, shape: Shape): NdArray {
  const random = createRandom(3).fork(name);
  const positive = /gamma|variance/.test(name);
  return ndarray(shape, () => Math.fround(positive ? random.between(0.5, 1.5) : random.normal()));
}

function toFloat32({ shape, data }: NdArray) {
  return float32(Float32Array.from(data), shape);
}
