import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  type ModelProto,
  type TensorProto,
} from 'onnx-buf';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';

import { GraphError, InputError } from '../core/errors.js';
import { float32, int64, type Tensor } from '../core/tensor.js';
import { schemaOf } from '../ops/registry.js';
import { GraphBuilder } from './builder.js';
import { decodeModel } from './decode.js';
import { encodeModel } from './encode.js';
import type { Attribute, Graph } from './graph.js';
import type { OperatorSchema, SchemaLookup } from './schema.js';

const TENSORS: Readonly<Record<string, Tensor>> = {
  float32: float32([1.5, -0, Infinity, 1e-45, NaN, 3], [2, 3]),
  float16: { dtype: 'float16', shape: [2], data: Uint16Array.of(0x3c00, 0xfc00) },
  int64: int64([2 ** 53, -(2 ** 53)]),
  int32: { dtype: 'int32', shape: [2], data: Int32Array.of(2 ** 31 - 1, -(2 ** 31)) },
  uint8: { dtype: 'uint8', shape: [2], data: Uint8Array.of(0, 255) },
  int8: { dtype: 'int8', shape: [2], data: Int8Array.of(-128, 127) },
  bool: { dtype: 'bool', shape: [2], data: Uint8Array.of(0, 1) },
  scalar: float32([7], []),
  empty: float32([], [0, 3]),
};

const ATTRIBUTES: Readonly<Record<string, Attribute>> = {
  int: { kind: 'int', value: -3 },
  large: { kind: 'int', value: 2 ** 53 },
  zero: { kind: 'int', value: 0 },
  float: { kind: 'float', value: Math.fround(0.1) },
  string: { kind: 'string', value: 'reflektiert: ünïcode' },
  ints: { kind: 'ints', value: [1, -2, 2 ** 40] },
  floats: { kind: 'floats', value: [0.5, -1.25] },
  none: { kind: 'ints', value: [] },
  tensor: { kind: 'tensor', value: TENSORS['float32']! },
};

/** An operator that takes any attribute and passes its first input on. */
const anything: OperatorSchema = {
  opType: 'Anything',
  domain: 'test',
  since: 1,
  inputs: [1, 3],
  attributes: Object.fromEntries(Object.entries(ATTRIBUTES).map(([name, { kind }]) => [name, { kind }])),
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
};

const lookup: SchemaLookup = (opType, domain) => (domain === 'test' ? anything : schemaOf(opType, domain));

function everything(): Graph {
  const b = new GraphBuilder('everything', lookup);
  const x = b.input('x', 'float32', [2, 3]);
  b.input('flags', 'bool', [4]);
  b.input('scalar_in', 'int64', []);
  for (const [name, tensor] of Object.entries(TENSORS)) b.initializer(name, tensor);
  const plain = Object.fromEntries(Object.entries(ATTRIBUTES).map(([name, { value }]) => [name, value]));
  const [y] = b.node('Anything', [x, undefined, b.value('float16')], plain, { domain: 'test' });
  const parts = b.node('Split', [y!, b.ints([1, 1])], { axis: 0 });
  b.output('first', parts[0]!);
  b.output('second', parts[1]!);
  return b.build({ labels: 'a,b', note: 'größer' });
}

describe('encodeModel and decodeModel', () => {
  it('keep every attribute, tensor, type, name and the metadata', () => {
    const graph = everything();
    const decoded = decodeModel(encodeModel(graph), lookup);
    expect(decoded.name).toBe(graph.name);
    expect(decoded.nodes).toEqual(graph.nodes);
    expect(decoded.inputs).toEqual(graph.inputs);
    expect(decoded.outputs).toEqual(graph.outputs);
    expect(decoded.initializers).toEqual(graph.initializers);
    expect(Object.fromEntries(decoded.types)).toEqual(Object.fromEntries(graph.types));
    expect(decoded.metadata).toEqual(graph.metadata);
  });

  it('keep bits: NaN, negative zero and denormals', () => {
    const decoded = decodeModel(encodeModel(everything()), lookup).initializers.get('float32')!;
    const bits = (tensor: Tensor) => new Uint32Array((tensor.data as Float32Array).buffer.slice(0));
    expect([...bits(decoded)]).toEqual([...bits(TENSORS['float32']!)]);
  });

  it('write only the window of a typed array that a tensor shows', () => {
    const b = new GraphBuilder('view', schemaOf);
    b.initializer('w', float32(Float32Array.of(9, 1, 2, 9).subarray(1, 3), [2]));
    const decoded = decodeModel(encodeModel(b.build()), schemaOf);
    expect(decoded.initializers.get('w')!.data).toEqual(Float32Array.of(1, 2));
  });

  it('declare versions, the producer and each domain once', () => {
    const model = fromBinary(ModelProtoSchema, encodeModel(everything(), { opset: 17, producer: 'someone' }));
    expect(model.irVersion).toBe(9n);
    expect(model.producerName).toBe('someone');
    expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([
      ['', 17n],
      ['test', 1n],
    ]);
    const plain = fromBinary(ModelProtoSchema, encodeModel(everything()));
    expect(plain.producerName).toBe('mien');
    expect(plain.opsetImport[0]!.version).toBe(18n);
  });
});

describe('decodeModel reads what others write', () => {
  /** y = x + w, changed in its protobuf form. */
  function changed(change: (model: ModelProto) => void): Uint8Array {
    const b = new GraphBuilder('other', schemaOf);
    const x = b.input('x', 'float32', [2]);
    b.output('y', b.node('Add', [x, b.initializer('w', float32([1, 2], [2]))])[0]!);
    const model = fromBinary(ModelProtoSchema, encodeModel(b.build()));
    change(model);
    return toBinary(ModelProtoSchema, model);
  }
  const typed = (fields: Partial<Omit<TensorProto, '$typeName' | '$unknown'>>) =>
    create(TensorProtoSchema, { name: 'w', dims: [2n], ...fields });
  const weights = (tensor: TensorProto) =>
    decodeModel(
      changed((model) => model.graph!.initializer.push({ ...tensor, name: 'v' })),
      schemaOf,
    ).initializers.get('v');

  it('typed fields instead of raw data', () => {
    expect(weights(typed({ dataType: DataType.FLOAT, floatData: [0.5, 2] }))).toEqual(float32([0.5, 2], [2]));
    expect(weights(typed({ dataType: DataType.INT64, int64Data: [3n, -4n] }))).toEqual(int64([3, -4]));
    const bytes = { int32Data: [1, 0] };
    expect(weights(typed({ dataType: DataType.BOOL, ...bytes }))!.data).toEqual(Uint8Array.of(1, 0));
    expect(weights(typed({ dataType: DataType.INT8, int32Data: [-1, 2] }))!.data).toEqual(
      Int8Array.of(-1, 2),
    );
    expect(weights(typed({ dataType: DataType.FLOAT16, int32Data: [0x3c00, 0] }))!.data).toEqual(
      Uint16Array.of(0x3c00, 0),
    );
  });

  it('initializers that are listed as inputs too, as old versions do', () => {
    const graph = decodeModel(
      changed((model) => model.graph!.input.push({ ...model.graph!.input[0]!, name: 'w' })),
      schemaOf,
    );
    expect(graph.inputs.map((value) => value.name)).toEqual(['x']);
  });

  it('the long name of the standard domain', () => {
    const graph = decodeModel(
      changed((model) => (model.graph!.node[0]!.domain = 'ai.onnx')),
      schemaOf,
    );
    expect(graph.nodes[0]!.domain).toBe('');
  });

  it.each<[string, (model: ModelProto) => void, string]>([
    [
      'another element type',
      (model) => (model.graph!.initializer[0]!.dataType = DataType.DOUBLE),
      'face.onnx: tensor "w": received element type DOUBLE, expected float32, float16, int64, int32, uint8, int8, bool.',
    ],
    [
      'data of another size',
      (model) => (model.graph!.initializer[0]!.dims = [3n]),
      'face.onnx: tensor "w": received 2 elements, expected 3 for shape [3].',
    ],
    [
      'a dynamic axis',
      (model) => {
        const type = model.graph!.input[0]!.type!.value;
        if (type.case === 'tensorType') {
          type.value.shape!.dim[0]!.value = { case: 'dimParam', value: 'batch' };
        }
      },
      'input "x": received a dynamic axis, expected fixed sizes.',
    ],
    [
      'nodes out of order',
      (model) => model.graph!.node.reverse(),
      'ONNX model: received undefined value "Add_0", expected topological order.',
    ],
    [
      'an attribute that is a graph',
      (model) =>
        (model.graph!.node[0]!.attribute = [
          create(AttributeProtoSchema, { name: 'then', type: AttributeType.GRAPH }),
        ]),
      'attribute "then": received type 5, expected a number, string, list or tensor.',
    ],
  ])('but not %s', (_, change, text) => {
    const run = () => decodeModel(changed(change), schemaOf, 'face.onnx');
    expect(run).toThrow(GraphError);
    expect(run).toThrow(text);
  });

  it('nor bytes that are no model', () => {
    const run = () => decodeModel(Uint8Array.of(1, 2, 3, 255), schemaOf, 'face.onnx');
    expect(run).toThrow(InputError);
    expect(run).toThrow(/^face\.onnx: received bytes that do not parse \(.+\), expected an ONNX model\.$/);
    expect(() => decodeModel(new Uint8Array(0), schemaOf, 'face.onnx')).toThrow(
      'face.onnx: received no graph, expected an ONNX model.',
    );
    expect(() => decodeModel(encodeModel(everything()).subarray(0, 200), lookup, 'face.onnx')).toThrow(
      InputError,
    );
  });
});

describe('an encoded model in ONNX Runtime', () => {
  it('loads, shows its names and types, and computes', async () => {
    const b = new GraphBuilder('net', schemaOf);
    const x = b.input('x', 'float32', [1, 1, 3, 3]);
    const w = b.initializer('w', float32([1, 0, 0, 1], [1, 1, 2, 2]));
    const [conv] = b.node('Conv', [x, w, b.initializer('bias', float32([10], [1]))], { pads: [0, 0, 1, 1] });
    const [clipped] = b.node('Clip', [conv, undefined, b.scalar(20)]);
    const [flat] = b.node('Reshape', [clipped, b.ints([1, -1])]);
    b.output('y', flat!);
    const session = await InferenceSession.create(encodeModel(b.build({ key: 'value' })));
    expect(session.inputNames).toEqual(['x']);
    expect(session.outputNames).toEqual(['y']);
    const data = Float32Array.from({ length: 9 }, (_, i) => i);
    const { y } = await session.run({ x: new OrtTensor('float32', data, [1, 1, 3, 3]) });
    await session.release();
    expect(y!.dims).toEqual([1, 9]);
    expect([...(y!.data as Float32Array)]).toEqual([14, 16, 12, 20, 20, 15, 16, 17, 18]);
  });
});

describe('encodeModel', () => {
  it('writes a symbol for the batch axis of inputs and outputs', () => {
    const b = new GraphBuilder('any batch', schemaOf);
    const x = b.input('x', 'float32', [1, 2]);
    b.output('y', b.node('Relu', [x])[0]!);
    const model = fromBinary(ModelProtoSchema, encodeModel(b.build(), { batchSymbol: 'batch', opset: 21 }));
    const axes = [...model.graph!.input, ...model.graph!.output].map(({ type }) => {
      const tensor = type!.value.case === 'tensorType' ? type!.value.value : undefined;
      return tensor?.shape?.dim.map(({ value }) => value.value);
    });
    expect(axes).toEqual([
      ['batch', 2n],
      ['batch', 2n],
    ]);
    expect(model.irVersion).toBe(10n);
    expect(() => decodeModel(encodeModel(b.build(), { batchSymbol: 'batch' }), schemaOf)).toThrow(
      'input "x": received a dynamic axis, expected fixed sizes.',
    );
  });
});
