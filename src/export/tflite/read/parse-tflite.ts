import { InputError } from '../../../core/errors.js';
import { sizeOf, type Shape } from '../../../core/tensor.js';
import type { Quantization, TensorType } from '../program.js';
import {
  BUFFER,
  METADATA,
  MODEL,
  OPERATOR,
  OPERATOR_CODE,
  OPERATORS,
  QUANTIZATION,
  SIGNATURE,
  SUBGRAPH,
  TENSOR,
  TENSOR_MAP,
  TENSOR_TYPES,
  TFLITE_IDENTIFIER,
  type OperatorName,
} from '../schema.js';
import { FlatReader, type FlatTableView } from './flat-reader.js';

/** Most elements of one tensor: a gigabyte of floats. */
const MOST_ELEMENTS = 2 ** 28;
/** Most operators and tensors; NASNetMobile has some thousand. */
const MOST_PARTS = 2 ** 16;

/** A tensor as the file declares it. */
export interface ReadTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly type: TensorType;
  /** Little-endian content of a constant, a view of the file. */
  readonly data: Uint8Array | undefined;
  readonly quantization: Quantization | undefined;
}

/** An operator; tensors by index, −1 for an input left out. */
export interface ReadOperator {
  /** TensorFlow Lite's name, or `operator 77` for one that Mien has no name for. */
  readonly name: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: FlatTableView | undefined;
}

/** What a `.tflite` file holds, its structure checked. */
export interface TfliteFile {
  readonly name: string;
  readonly tensors: readonly ReadTensor[];
  readonly operators: readonly ReadOperator[];
  /** Under the signature's names where there is one. */
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
  readonly metadata: ReadonlyMap<string, Uint8Array>;
}

/** A tensor under the name by which runtimes feed it. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: number;
}

/** Whether bytes begin as a TensorFlow Lite model does. */
export function isTflite(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(4, 8)) === TFLITE_IDENTIFIER;
}

/**
 * Reads the structure of a `.tflite` file: every index, offset and size is checked.
 * @throws InputError on a damaged or hostile file, or one of several subgraphs
 */
export function parseTflite(bytes: Uint8Array, where: string): TfliteFile {
  const reader = new FlatReader(bytes, where);
  if (!isTflite(bytes)) throw reader.broken('a file without the mark "TFL3"');
  const model = reader.root();
  const buffers = model.tables(MODEL.buffers);
  const [graph, ...others] = model.tables(MODEL.subgraphs);
  if (graph === undefined || others.length > 0)
    throw new InputError({ where, received: `${others.length + 1} subgraphs`, expected: 'one' });
  const tensors = limited(reader, graph.tables(SUBGRAPH.tensors)).map((tensor) =>
    readTensor(reader, tensor, buffers),
  );
  const codes = model.tables(MODEL.operatorCodes).map(operatorName);
  const operators = limited(reader, graph.tables(SUBGRAPH.operators)).map((operator) =>
    readOperator(reader, operator, codes, tensors.length),
  );
  const [signature] = model.tables(MODEL.signatureDefs);
  const ends = (indices: number[], entries: FlatTableView[] | undefined) =>
    indices.map((tensor) => ({ tensor, name: nameOf(tensor, entries) ?? tensors[tensor]?.name ?? '' }));
  return {
    name: graph.text(SUBGRAPH.name) ?? 'model',
    tensors,
    operators,
    inputs: ends(
      checkIndices(reader, graph.int32s(SUBGRAPH.inputs), tensors.length),
      signature?.tables(SIGNATURE.inputs),
    ),
    outputs: ends(
      checkIndices(reader, graph.int32s(SUBGRAPH.outputs), tensors.length),
      signature?.tables(SIGNATURE.outputs),
    ),
    metadata: readMetadata(model, buffers),
  };
}

function limited(reader: FlatReader, list: FlatTableView[]): FlatTableView[] {
  if (list.length <= MOST_PARTS) return list;
  throw reader.broken(`${list.length} tensors or operators`);
}

function nameOf(tensor: number, entries: FlatTableView[] | undefined): string | undefined {
  const entry = entries?.find((candidate) => candidate.uint32(TENSOR_MAP.tensorIndex) === tensor);
  return entry?.text(TENSOR_MAP.name);
}

const NAMES = new Map<number, OperatorName>(
  Object.entries(OPERATORS).map(([name, { code }]) => [code, name as OperatorName]),
);

function operatorName(code: FlatTableView): string {
  // The first, one-byte field is 127 where only the second can hold the number.
  const number = Math.max(
    code.int8(OPERATOR_CODE.deprecatedBuiltinCode),
    code.int32(OPERATOR_CODE.builtinCode),
  );
  return NAMES.get(number) ?? `operator ${number}`;
}

const TYPES = new Map<number, TensorType>(
  Object.entries(TENSOR_TYPES).map(([name, number]) => [number, name as TensorType]),
);

/** Bytes per element. */
const ELEMENT_BYTES: Readonly<Record<TensorType, number>> = {
  float32: 4,
  float16: 2,
  int32: 4,
  int64: 8,
  int8: 1,
  uint8: 1,
  bool: 1,
};

function readTensor(
  reader: FlatReader,
  tensor: FlatTableView,
  buffers: readonly FlatTableView[],
): ReadTensor {
  const name = tensor.text(TENSOR.name) ?? '';
  const number = tensor.int8(TENSOR.type);
  const type = TYPES.get(number);
  if (type === undefined) throw reader.broken(`element type ${number} of tensor "${name}"`);
  const shape = tensor.int32s(TENSOR.shape);
  if (shape.some((size) => size < 0) || sizeOf(shape) > MOST_ELEMENTS)
    throw reader.broken(`shape [${shape.join(', ')}] of tensor "${name}"`);
  const index = tensor.uint32(TENSOR.buffer);
  const buffer = buffers[index];
  if (buffer === undefined) throw reader.broken(`buffer ${index} of ${buffers.length} for tensor "${name}"`);
  const data = buffer.bytes(BUFFER.data);
  const constant = data === undefined || data.length === 0 ? undefined : data;
  if (constant !== undefined && constant.length !== sizeOf(shape) * ELEMENT_BYTES[type])
    throw reader.broken(`${constant.length} bytes for tensor "${name}" [${shape.join(', ')}]`);
  return { name, shape, type, data: constant, quantization: readQuantization(tensor) };
}

function readQuantization(tensor: FlatTableView): Quantization | undefined {
  const table = tensor.table(TENSOR.quantization);
  const scales = table?.float32s(QUANTIZATION.scale) ?? [];
  if (table === undefined || scales.length === 0) return undefined;
  const zeroPoints = table.int64s(QUANTIZATION.zeroPoint);
  return { scales, zeroPoints, axis: table.int32(QUANTIZATION.quantizedDimension) };
}

function readOperator(
  reader: FlatReader,
  operator: FlatTableView,
  codes: readonly string[],
  tensors: number,
): ReadOperator {
  const index = operator.uint32(OPERATOR.opcodeIndex);
  const name = codes[index];
  if (name === undefined) throw reader.broken(`operator code ${index} of ${codes.length}`);
  return {
    name,
    inputs: checkIndices(reader, operator.int32s(OPERATOR.inputs), tensors, -1),
    outputs: checkIndices(reader, operator.int32s(OPERATOR.outputs), tensors),
    options: operator.table(OPERATOR.options),
  };
}

function checkIndices(reader: FlatReader, indices: number[], count: number, least = 0): number[] {
  const stranger = indices.find((index) => index < least || index >= count);
  if (stranger === undefined) return indices;
  throw reader.broken(`tensor ${stranger} of ${count}`);
}

function readMetadata(model: FlatTableView, buffers: readonly FlatTableView[]): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const entry of model.tables(MODEL.metadata)) {
    const bytes = buffers[entry.uint32(METADATA.buffer)]?.bytes(BUFFER.data);
    const name = entry.text(METADATA.name);
    if (name !== undefined && bytes !== undefined) found.set(name, bytes);
  }
  return found;
}
