import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type ValueInfoProto } from 'onnx-buf';

import { InputError, messageOf } from '../core/errors.js';

/** A graph's input or output as a file states it. */
export interface Port {
  readonly name: string;
  /** ONNX's number of the element type: 1 float32, 2 uint8, 3 int8. */
  readonly elementType: number;
  /** Sizes; null where an axis is symbolic or open. */
  readonly shape: readonly (number | null)[];
}

/** What enters and leaves a model, and what its file says beside it. */
export interface ModelInterface {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a model's inputs, outputs and metadata; its operators may be any.
 * @throws InputError when the bytes are no ONNX model
 */
export function modelInterface(bytes: Uint8Array, where = 'ONNX model'): ModelInterface {
  const { graph, metadataProps } = parsed(bytes, where);
  if (graph === undefined) throw new InputError({ where, received: 'no graph', expected: 'an ONNX model' });
  const constants = new Set(graph.initializer.map(({ name }) => name));
  return {
    inputs: graph.input.filter(({ name }) => !constants.has(name)).map(portOf),
    outputs: graph.output.map(portOf),
    metadata: Object.fromEntries(metadataProps.map(({ key, value }) => [key, value])),
  };
}

function parsed(bytes: Uint8Array, where: string) {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    const received = `bytes that do not parse (${messageOf(error)})`;
    throw new InputError({ where, received, expected: 'an ONNX model' }, { cause: error });
  }
}

function portOf({ name, type }: ValueInfoProto): Port {
  const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined;
  const shape = (tensor?.shape?.dim ?? []).map(({ value }) =>
    value.case === 'dimValue' ? Number(value.value) : null,
  );
  return { name, elementType: tensor?.elemType ?? 0, shape };
}
