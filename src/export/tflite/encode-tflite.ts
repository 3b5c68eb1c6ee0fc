import {
  int32,
  int32s,
  int8,
  bool,
  encodeFlat,
  reals,
  table,
  tables,
  text,
  uint32,
  uint8,
  type FlatTable,
} from './flat.js';
import { constantBytes, type TfliteOperator, type TfliteProgram, type TfliteTensor } from './program.js';
import {
  BUFFER,
  METADATA,
  MODEL,
  OPERATOR,
  OPERATORS,
  OPERATOR_CODE,
  QUANTIZATION,
  SCHEMA_VERSION,
  SIGNATURE,
  SUBGRAPH,
  TENSOR,
  TENSOR_MAP,
  TENSOR_TYPES,
  TFLITE_IDENTIFIER,
} from './schema.js';

/** Kernels load weights without copying them where buffers start at multiples of this many bytes. */
const ALIGNMENT = 16;
/** Operator codes beyond this one do not fit into the first, one-byte field. */
const PLACEHOLDER = 127;

/** What a file says beside the program. */
export interface TfliteExtras {
  readonly description: string;
  /** Named buffers. */
  readonly metadata: ReadonlyMap<string, Uint8Array>;
}

/** Serializes a program as a TensorFlow Lite model: buffer 0 is empty, one signature `serving_default`. */
export function encodeTflite(program: TfliteProgram, extras: TfliteExtras): Uint8Array {
  const buffers: (Uint8Array | undefined)[] = [undefined];
  const keep = (data: Uint8Array) => buffers.push(data) - 1;
  const codes = operatorCodes(program.operators);
  const tensors = program.tensors.map((tensor) => encodeTensor(tensor, keep));
  const metadata = [...extras.metadata].map(([name, bytes]) => ({
    [METADATA.name]: text(name),
    [METADATA.buffer]: uint32(keep(bytes)),
  }));
  const model: FlatTable = {
    [MODEL.version]: uint32(SCHEMA_VERSION),
    [MODEL.operatorCodes]: tables(codes.map(encodeCode)),
    [MODEL.subgraphs]: tables([encodeSubgraph(program, tensors, codes)]),
    [MODEL.description]: text(extras.description),
    [MODEL.buffers]: tables(buffers.map(encodeBuffer)),
    [MODEL.metadata]: tables(metadata),
    [MODEL.signatureDefs]: tables([encodeSignature(program)]),
  };
  return encodeFlat(model, TFLITE_IDENTIFIER, 2 * constantBytes(program) + 65536);
}

type Code = Pick<TfliteOperator, 'name' | 'version'>;

function operatorCodes(operators: readonly TfliteOperator[]): Code[] {
  const unique = new Map<string, Code>();
  for (const { name, version } of operators) unique.set(`${name} ${version}`, { name, version });
  return [...unique.values()];
}

function encodeCode({ name, version }: Code): FlatTable {
  const { code } = OPERATORS[name];
  return {
    [OPERATOR_CODE.deprecatedBuiltinCode]: int8(Math.min(code, PLACEHOLDER)),
    [OPERATOR_CODE.version]: int32(version),
    [OPERATOR_CODE.builtinCode]: int32(code),
  };
}

function encodeSubgraph(
  { name, operators, inputs, outputs }: TfliteProgram,
  tensors: readonly FlatTable[],
  codes: readonly Code[],
): FlatTable {
  const codeOf = (operator: Code) =>
    codes.findIndex(({ name: known, version }) => known === operator.name && version === operator.version);
  return {
    [SUBGRAPH.tensors]: tables(tensors),
    [SUBGRAPH.inputs]: int32s(inputs.map(({ tensor }) => tensor)),
    [SUBGRAPH.outputs]: int32s(outputs.map(({ tensor }) => tensor)),
    [SUBGRAPH.operators]: tables(operators.map((operator) => encodeOperator(operator, codeOf(operator)))),
    [SUBGRAPH.name]: text(name),
  };
}

function encodeOperator({ name, inputs, outputs, options }: TfliteOperator, code: number): FlatTable {
  const { options: optionsType } = OPERATORS[name];
  return {
    [OPERATOR.opcodeIndex]: uint32(code),
    [OPERATOR.inputs]: int32s(inputs),
    [OPERATOR.outputs]: int32s(outputs),
    ...(optionsType === 0
      ? {}
      : { [OPERATOR.optionsType]: uint8(optionsType), [OPERATOR.options]: table(options) }),
  };
}

function encodeTensor(tensor: TfliteTensor, keep: (data: Uint8Array) => number): FlatTable {
  const { name, shape, type, data, quantization } = tensor;
  return {
    [TENSOR.shape]: int32s(shape),
    [TENSOR.type]: int8(TENSOR_TYPES[type]),
    [TENSOR.buffer]: data === undefined ? undefined : uint32(keep(bytesOf(data))),
    [TENSOR.name]: isNamed(tensor) ? text(name) : undefined,
    [TENSOR.quantization]: quantization === undefined ? undefined : table(encodeQuantization(quantization)),
    // Only a scalar needs to say so; a constant's rank is known by its data.
    [TENSOR.hasRank]: data === undefined ? bool(true) : undefined,
  };
}

/** Eight-bit weights are so small that their names would be a part of the size that matters; shapes need none. */
function isNamed({ type, data, quantization }: TfliteTensor): boolean {
  return data === undefined || (type !== 'int32' && quantization === undefined);
}

function encodeQuantization({
  scales,
  zeroPoints,
  axis = 0,
}: NonNullable<TfliteTensor['quantization']>): FlatTable {
  return {
    [QUANTIZATION.scale]: reals(scales),
    [QUANTIZATION.zeroPoint]: { type: 'int64s', values: zeroPoints.map(BigInt) },
    [QUANTIZATION.quantizedDimension]: axis === 0 ? undefined : int32(axis),
  };
}

function encodeBuffer(bytes: Uint8Array | undefined): FlatTable {
  return bytes === undefined ? {} : { [BUFFER.data]: { type: 'bytes', bytes, alignment: ALIGNMENT } };
}

function encodeSignature({ inputs, outputs }: TfliteProgram): FlatTable {
  const entries = (list: TfliteProgram['inputs']) =>
    tables(
      list.map(({ name, tensor }) => ({
        [TENSOR_MAP.name]: text(name),
        [TENSOR_MAP.tensorIndex]: uint32(tensor),
      })),
    );
  return {
    [SIGNATURE.inputs]: entries(inputs),
    [SIGNATURE.outputs]: entries(outputs),
    [SIGNATURE.signatureKey]: text('serving_default'),
    [SIGNATURE.subgraphIndex]: uint32(0),
  };
}

/** Little-endian bytes of a typed array. */
function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}
