import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from 'onnx-buf';

import type { Tensor } from '../core/tensor.js';
import { dataTypeOf } from './data-types.js';
import type { Attribute, Graph, Node, Value } from './graph.js';

/** Versions that a model file declares. */
export interface EncodeOptions {
  /** Opset of the standard domain; 18 is the newest that every supported runtime knows in full. */
  readonly opset?: number;
  readonly producer?: string;
  /** A symbol, e.g. `batch`, in place of the first axis of all inputs and outputs: the graph must fit any size there. */
  readonly batchSymbol?: string;
}

/** IR version 9 belongs to opset 18–20, 10 to opset 21 (onnx/docs/Versioning.md). */
function irVersion(opset: number): bigint {
  return opset > 20 ? 10n : 9n;
}

/**
 * Serializes a graph as an ONNX `ModelProto`.
 *
 * @param graph nodes in topological order; weights as initializers, little-endian raw data
 * @example
 * writeFileAtomic('model.onnx', encodeModel(graph));
 */
export function encodeModel(graph: Graph, options: EncodeOptions = {}): Uint8Array {
  const domains = [...new Set(graph.nodes.map((node) => node.domain))]
    .filter((domain) => domain !== '')
    .sort();
  const { opset = 18, batchSymbol } = options;
  const model = create(ModelProtoSchema, {
    irVersion: irVersion(opset),
    producerName: options.producer ?? 'mien',
    opsetImport: [
      { domain: '', version: BigInt(opset) },
      ...domains.map((domain) => ({ domain, version: 1n })),
    ],
    metadataProps: Object.entries(graph.metadata ?? {}).map(([key, value]) => ({ key, value })),
    graph: create(GraphProtoSchema, {
      name: graph.name,
      node: graph.nodes.map(encodeNode),
      input: graph.inputs.map((value) => encodeValue(value, batchSymbol)),
      output: graph.outputs.map((value) => encodeValue(value, batchSymbol)),
      initializer: [...graph.initializers].map(([name, tensor]) => encodeTensor(tensor, name)),
    }),
  });
  return toBinary(ModelProtoSchema, model);
}

function encodeNode(node: Node): NodeProto {
  return create(NodeProtoSchema, {
    opType: node.opType,
    domain: node.domain,
    name: node.name,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attributes).map(([name, attribute]) => encodeAttribute(name, attribute)),
  });
}

function encodeAttribute(name: string, attribute: Attribute): AttributeProto {
  switch (attribute.kind) {
    case 'int':
      return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(attribute.value) });
    case 'float':
      return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: attribute.value });
    case 'string':
      return create(AttributeProtoSchema, {
        name,
        type: AttributeType.STRING,
        s: new TextEncoder().encode(attribute.value),
      });
    case 'ints':
      return create(AttributeProtoSchema, {
        name,
        type: AttributeType.INTS,
        ints: attribute.value.map(BigInt),
      });
    case 'floats':
      return create(AttributeProtoSchema, { name, type: AttributeType.FLOATS, floats: [...attribute.value] });
    case 'tensor':
      return create(AttributeProtoSchema, {
        name,
        type: AttributeType.TENSOR,
        t: encodeTensor(attribute.value, ''),
      });
  }
}

function encodeTensor(tensor: Tensor, name: string): TensorProto {
  const { buffer, byteOffset, byteLength } = tensor.data;
  return create(TensorProtoSchema, {
    name,
    dataType: dataTypeOf(tensor.dtype),
    dims: tensor.shape.map(BigInt),
    rawData: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength),
  });
}

function encodeValue(value: Value, batchSymbol: string | undefined): ValueInfoProto {
  const dim = value.shape.map((size, axis) =>
    axis === 0 && batchSymbol !== undefined
      ? { value: { case: 'dimParam' as const, value: batchSymbol } }
      : { value: { case: 'dimValue' as const, value: BigInt(size) } },
  );
  const tensorType = { elemType: dataTypeOf(value.dtype), shape: { dim } };
  return create(ValueInfoProtoSchema, {
    name: value.name,
    type: { value: { case: 'tensorType', value: tensorType } },
  });
}
