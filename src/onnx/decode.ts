import { fromBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from 'onnx-buf';

import { GraphError, InputError, messageOf } from '../core/errors.js';
import { sizeOf, type DataOf, type DType, type Tensor } from '../core/tensor.js';
import { dtypeOf } from './data-types.js';
import type { Attribute, Graph, Node, TypeInfo, Value } from './graph.js';
import { plainAttributes, type SchemaLookup } from './schema.js';

/**
 * Reads an ONNX `ModelProto` and infers the type of every value.
 *
 * @param batch what the first axis of an input counts as where the model leaves it open
 * @throws InputError when the bytes are not a model.
 * @throws GraphError when it uses dynamic shapes, other element types or operators without a schema.
 */
export function decodeModel(
  bytes: Uint8Array,
  schemaOf: SchemaLookup,
  where = 'ONNX model',
  batch?: number,
): Graph {
  const model = parseModel(bytes, where);
  const proto = model.graph;
  if (proto === undefined) throw new InputError({ where, received: 'no graph', expected: 'an ONNX model' });
  const initializers = new Map(proto.initializer.map((tensor) => [tensor.name, decodeTensor(tensor, where)]));
  const metadata = Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value]));
  return { ...typed(proto, initializers, schemaOf, batch), metadata };
}

/** Parses the protobuf alone. @throws InputError when the bytes are not a model */
export function parseModel(bytes: Uint8Array, where: string): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    const received = `bytes that do not parse (${messageOf(error)})`;
    throw new InputError({ where, received, expected: 'an ONNX model' }, { cause: error });
  }
}

function typed(
  proto: GraphProto,
  initializers: Map<string, Tensor>,
  schemaOf: SchemaLookup,
  batch: number | undefined,
): Graph {
  const types = new Map<string, TypeInfo>();
  for (const [name, { dtype, shape }] of initializers) types.set(name, { dtype, shape });
  const inputs = proto.input
    .filter(({ name }) => !initializers.has(name))
    .map((input) => decodeValue(input, batch));
  for (const { name, dtype, shape } of inputs) types.set(name, { dtype, shape });
  const nodes = proto.node.map(decodeNode);
  for (const node of nodes) inferNode(node, types, initializers, schemaOf);
  const outputs = proto.output.map(({ name }) => typedValue(name, types));
  return { name: proto.name, nodes, inputs, outputs, initializers, types };
}

function inferNode(
  node: Node,
  types: Map<string, TypeInfo>,
  initializers: ReadonlyMap<string, Tensor>,
  schemaOf: SchemaLookup,
): void {
  const schema = schemaOf(node.opType, node.domain);
  const inputs = node.inputs.map((name) => (name === '' ? undefined : typedValue(name, types)));
  const context = { constantOf: (value: Value) => initializers.get(value.name) };
  const inferred = schema.infer(inputs, plainAttributes(schema, node.attributes), context);
  node.outputs.forEach((name, i) => {
    const type = inferred[i];
    if (type !== undefined && name !== '') types.set(name, { dtype: type.dtype, shape: type.shape });
  });
}

function typedValue(name: string, types: ReadonlyMap<string, TypeInfo>): Value {
  const type = types.get(name);
  if (type === undefined)
    throw new GraphError({
      where: 'ONNX model',
      received: `undefined value "${name}"`,
      expected: 'topological order',
    });
  return { name, ...type };
}

function decodeNode(proto: NodeProto): Node {
  const attributes = Object.fromEntries(proto.attribute.map((a) => [a.name, decodeAttribute(a)]));
  const { opType, domain, name, input, output } = proto;
  return {
    opType,
    domain: domain === 'ai.onnx' ? '' : domain,
    name,
    inputs: input,
    outputs: output,
    attributes,
  };
}

function decodeAttribute(proto: AttributeProto): Attribute {
  switch (proto.type) {
    case AttributeType.INT:
      return { kind: 'int', value: Number(proto.i) };
    case AttributeType.FLOAT:
      return { kind: 'float', value: proto.f };
    case AttributeType.STRING:
      return { kind: 'string', value: Buffer.from(proto.s).toString('utf8') };
    case AttributeType.INTS:
      return { kind: 'ints', value: proto.ints.map(Number) };
    case AttributeType.FLOATS:
      return { kind: 'floats', value: proto.floats };
    case AttributeType.TENSOR:
      if (proto.t !== undefined) return { kind: 'tensor', value: decodeTensor(proto.t, proto.name) };
  }
  throw new GraphError({
    where: `attribute "${proto.name}"`,
    received: `type ${proto.type}`,
    expected: 'a number, string, list or tensor',
  });
}

const ARRAYS = {
  float32: Float32Array,
  float16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  bool: Uint8Array,
} as const;

/** Reads a `TensorProto`, raw or typed. @throws GraphError when its size does not match its shape. */
function decodeTensor(proto: TensorProto, where: string): Tensor {
  const dtype = dtypeOf(proto.dataType, `${where}: tensor "${proto.name}"`);
  const shape = proto.dims.map(Number);
  const data = proto.rawData.length > 0 ? fromRaw(proto.rawData, dtype) : fromFields(proto, dtype);
  if (data.length === sizeOf(shape)) return { dtype, shape, data };
  const expected = `${sizeOf(shape)} for shape [${shape.join(', ')}]`;
  throw new GraphError({
    where: `${where}: tensor "${proto.name}"`,
    received: `${data.length} elements`,
    expected,
  });
}

function fromRaw(raw: Uint8Array, dtype: DType): DataOf[DType] {
  // A copy, aligned for any element size; slice() of a Buffer would be a view.
  const copy = new Uint8Array(raw);
  const Type = ARRAYS[dtype];
  return new Type(copy.buffer, 0, Math.floor(copy.byteLength / Type.BYTES_PER_ELEMENT));
}

function fromFields(proto: TensorProto, dtype: DType): DataOf[DType] {
  if (dtype === 'float32') return Float32Array.from(proto.floatData);
  if (dtype === 'int64') return BigInt64Array.from(proto.int64Data);
  return ARRAYS[dtype].from(proto.int32Data);
}

function decodeValue(proto: ValueInfoProto, batch: number | undefined): Value {
  const where = `input "${proto.name}"`;
  const tensor = proto.type?.value.case === 'tensorType' ? proto.type.value.value : undefined;
  if (tensor?.shape === undefined)
    throw new GraphError({ where, received: 'no tensor type', expected: 'a shaped tensor' });
  const shape = tensor.shape.dim.map(({ value }, axis) => {
    if (value.case === 'dimValue') return Number(value.value);
    if (axis === 0 && batch !== undefined) return batch;
    throw new GraphError({ where, received: 'a dynamic axis', expected: 'fixed sizes' });
  });
  return { name: proto.name, dtype: dtypeOf(tensor.elemType, where), shape };
}
