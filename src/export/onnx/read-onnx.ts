import {
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
  type GraphProto,
  type ModelProto,
  type TensorProto,
  type ValueInfoProto,
} from 'onnx-buf';

import { GraphError, InputError } from '../../core/errors.js';
import { sizeOf } from '../../core/tensor.js';
import { decodeModel, parseModel } from '../../onnx/decode.js';
import type { OnnxEnd } from '../../onnx/header.js';
import { OPERATORS, schemaOf } from '../../ops/registry.js';

/** Most elements of one value: a gigabyte of floats. */
const MOST_ELEMENTS = 2 ** 28;
/** Operators that may run without end, or run graphs that nobody has checked. */
const REFUSED = new Set(['Loop', 'Scan', 'If', 'SequenceMap']);

/** What an ONNX file says about itself. */
export interface OnnxFile {
  readonly name: string;
  readonly producer: string;
  readonly opset: number;
  /** Without weights that older files list among them. */
  readonly inputs: readonly OnnxEnd[];
  readonly outputs: readonly OnnxEnd[];
  readonly metadata: ReadonlyMap<string, string>;
  /** How often each operator occurs. */
  readonly operators: ReadonlyMap<string, number>;
  /** Values of all weights. */
  readonly parameters: number;
  /** Whether the first output comes out of a softmax. */
  readonly endsInSoftmax: boolean;
}

/**
 * Reads what an ONNX file says about itself and refuses what should not reach an engine: damaged files, weights in
 * other files, loops, tensors that do not hold what they say, and sizes beyond a gigabyte, as far as Mien knows the
 * operators.
 *
 * @param where the file's name, for messages
 * @throws InputError in one sentence
 */
export function readOnnx(bytes: Uint8Array, where: string): OnnxFile {
  const model = parseModel(bytes, where);
  const { graph } = model;
  if (graph === undefined || graph.node.length === 0)
    throw new InputError({ where, received: 'no graph', expected: 'an ONNX model' });
  for (const tensor of graph.initializer) checkTensor(tensor, where);
  const operators = countOperators(graph, where);
  checkSizes(bytes, { model, where, operators });
  const weights = new Set(graph.initializer.map(({ name }) => name));
  return {
    name: graph.name,
    producer: [model.producerName, model.producerVersion].filter((part) => part !== '').join(' '),
    opset: Number(
      model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 0n,
    ),
    inputs: graph.input.filter(({ name }) => !weights.has(name)).map((value) => endOf(value, where)),
    outputs: graph.output.map((value) => endOf(value, where)),
    metadata: new Map(model.metadataProps.map(({ key, value }) => [key, value])),
    operators,
    parameters: graph.initializer
      .filter(({ dataType }) => FLOATS.has(dataType))
      .reduce((sum, { dims }) => sum + sizeOf(dims.map(Number)), 0),
    endsInSoftmax: isSoftmaxed(graph, graph.output[0]?.name ?? ''),
  };
}

function checkTensor({ name, dims, dataLocation, externalData }: TensorProto, where: string): void {
  if (dataLocation === DataLocation.EXTERNAL || externalData.length > 0)
    throw new InputError({
      where,
      received: `the weight "${name}" in another file`,
      expected: 'all weights inside',
      remedy: 'save the model in one file',
    });
  const shape = dims.map(Number);
  if (shape.every((size) => size >= 0) && sizeOf(shape) <= MOST_ELEMENTS) return;
  throw new InputError({
    where,
    received: `the weight "${name}" [${shape.join(', ')}]`,
    expected: 'a gigabyte at most',
  });
}

function countOperators({ node }: GraphProto, where: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { opType, domain } of node) {
    if (REFUSED.has(opType))
      throw new InputError({ where, received: `the operator ${opType}`, expected: 'a graph without loops' });
    const name = domain === '' || domain === 'ai.onnx' ? opType : `${domain}.${opType}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

interface SizeCheck {
  readonly model: ModelProto;
  readonly where: string;
  readonly operators: ReadonlyMap<string, number>;
}

const KNOWN = new Set(OPERATORS.filter(({ domain }) => domain === '').map(({ opType }) => opType));

/** Infers every shape where Mien knows all operators; files of others may use forms that only the engine knows. */
function checkSizes(bytes: Uint8Array, { model, where, operators }: SizeCheck): void {
  const own = model.producerName === 'mien' && [...operators.keys()].every((name) => KNOWN.has(name));
  try {
    for (const [name, { shape }] of decodeModel(bytes, schemaOf, where, 1).types) {
      if (shape.every((size) => size >= 0) && sizeOf(shape) <= MOST_ELEMENTS) continue;
      throw new InputError({
        where,
        received: `"${name}" of [${shape.join(', ')}]`,
        expected: 'a gigabyte at most',
      });
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (!(error instanceof GraphError) || !own) return;
    const { received, expected } = error.problem;
    throw new InputError(
      { where, received: `${received} for ${error.problem.where}`, expected },
      { cause: error },
    );
  }
}

function endOf({ name, type }: ValueInfoProto, where: string): OnnxEnd {
  const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined;
  if (tensor === undefined)
    throw new InputError({ where, received: `"${name}", which is no tensor`, expected: 'tensors' });
  const shape = (tensor.shape?.dim ?? []).map(({ value }) =>
    value.case === 'dimValue' && Number(value.value) > 0 ? Number(value.value) : undefined,
  );
  return { name, dtype: DTYPES.get(tensor.elemType) ?? 'other', shape };
}

const FLOATS = new Set<number>([DataType.FLOAT, DataType.FLOAT16]);

const DTYPES = new Map<number, OnnxEnd['dtype']>([
  [DataType.FLOAT, 'float32'],
  [DataType.UINT8, 'uint8'],
]);

/** Operators that change nothing about what a value means. */
const COPIES = new Set([
  'Identity',
  'Cast',
  'Reshape',
  'Flatten',
  'Squeeze',
  'DequantizeLinear',
  'QuantizeLinear',
]);

function isSoftmaxed({ node }: GraphProto, output: string): boolean {
  const producers = new Map(node.flatMap((each) => each.output.map((name) => [name, each] as const)));
  let name = output;
  for (let steps = 0; steps <= node.length; steps++) {
    const producer = producers.get(name);
    if (producer?.opType === 'Softmax') return true;
    if (producer === undefined || !COPIES.has(producer.opType)) return false;
    name = producer.input[0] ?? '';
  }
  return false;
}
