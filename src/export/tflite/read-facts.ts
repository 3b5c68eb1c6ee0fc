import { ByteBuffer } from 'flatbuffers';

import { InputError } from '../../core/errors.js';
import { readMienRecord, type MienRecord } from '../keras/mien-record.js';
import { MIEN_METADATA } from './write-tflite.js';

/** How a tensor's integers stand for real numbers: real = scale · (stored − zeroPoint). */
export interface TensorQuantization {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** What a `.tflite` file says beside its network. */
export interface TfliteFacts {
  /** Preprocessing, classes and origin; undefined in files that Mien did not write. */
  readonly record: MienRecord | undefined;
  /** Of the first subgraph's inputs and outputs, in their order; undefined for real numbers. */
  readonly inputs: readonly (TensorQuantization | undefined)[];
  readonly outputs: readonly (TensorQuantization | undefined)[];
  /** Whether a softmax stands at the end, with at most a change of type behind it. */
  readonly endsInSoftmax: boolean;
}

const IDENTIFIER = 'TFL3';
/** Field numbers of TensorFlow Lite's schema, version 3. */
const MODEL = { operatorCodes: 1, subgraphs: 2, buffers: 4, metadata: 6 } as const;
const METADATA = { name: 0, buffer: 1 } as const;
const BUFFER = { data: 0 } as const;
const SUBGRAPH = { tensors: 0, inputs: 1, outputs: 2, operators: 3 } as const;
const CODE = { deprecated: 0, builtin: 3 } as const;
const OPERATOR = { code: 0 } as const;
const SOFTMAX = 25;
const TENSOR = { quantization: 4 } as const;
const QUANTIZATION = { scale: 2, zeroPoint: 3 } as const;

/** Reads a `.tflite` file's record and the quantization of its ends. @throws InputError when it is damaged */
export function readTfliteFacts(bytes: Uint8Array, where: string): TfliteFacts {
  try {
    const flat = new ByteBuffer(bytes);
    if (flat.getBufferIdentifier() !== IDENTIFIER) throw new RangeError('no TensorFlow Lite model');
    const root = flat.readInt32(0);
    const subgraph = tablesOf(flat, root, MODEL.subgraphs)[0] ?? 0;
    const tensors = tablesOf(flat, subgraph, SUBGRAPH.tensors);
    const ends = (field: number) =>
      integersOf(flat, subgraph, field).map((index) => quantizationOf(flat, tensors[index] ?? 0));
    const text = recordText(flat, root);
    return {
      record: text === undefined ? undefined : readMienRecord(where, text),
      inputs: ends(SUBGRAPH.inputs),
      outputs: ends(SUBGRAPH.outputs),
      endsInSoftmax: lastOperators(flat, root, subgraph).includes(SOFTMAX),
    };
  } catch (error) {
    if (error instanceof InputError) throw error;
    const received = 'a damaged file';
    throw new InputError({ where, received, expected: 'a TensorFlow Lite model' }, { cause: error });
  }
}

function recordText(flat: ByteBuffer, root: number): string | undefined {
  const buffers = tablesOf(flat, root, MODEL.buffers);
  for (const entry of tablesOf(flat, root, MODEL.metadata)) {
    const name = fieldOf(flat, entry, METADATA.name);
    if (name === 0 || flat.__string(name) !== MIEN_METADATA) continue;
    const index = fieldOf(flat, entry, METADATA.buffer);
    const buffer = buffers[index === 0 ? 0 : flat.readUint32(index)] ?? 0;
    const data = fieldOf(flat, buffer, BUFFER.data);
    if (data === 0) return undefined;
    const start = flat.__vector(data);
    return new TextDecoder().decode(flat.bytes().subarray(start, start + flat.__vector_len(data)));
  }
  return undefined;
}

function quantizationOf(flat: ByteBuffer, tensor: number): TensorQuantization | undefined {
  const field = fieldOf(flat, tensor, TENSOR.quantization);
  if (field === 0) return undefined;
  const table = flat.__indirect(field);
  const scales = fieldOf(flat, table, QUANTIZATION.scale);
  if (scales === 0 || flat.__vector_len(scales) === 0) return undefined;
  const points = fieldOf(flat, table, QUANTIZATION.zeroPoint);
  const zeroPoint = points === 0 ? 0 : Number(flat.readInt64(flat.__vector(points)));
  return { scale: flat.readFloat32(flat.__vector(scales)), zeroPoint };
}

/** Built-in codes of the last two operators. */
function lastOperators(flat: ByteBuffer, root: number, subgraph: number): number[] {
  const codes = tablesOf(flat, root, MODEL.operatorCodes).map((code) => {
    const [old, present] = [fieldOf(flat, code, CODE.deprecated), fieldOf(flat, code, CODE.builtin)];
    // Codes below 127 stand in both fields or, in old files, in the first alone.
    return Math.max(old === 0 ? 0 : flat.readInt8(old), present === 0 ? 0 : flat.readInt32(present));
  });
  return tablesOf(flat, subgraph, SUBGRAPH.operators)
    .slice(-2)
    .map((operator) => {
      const field = fieldOf(flat, operator, OPERATOR.code);
      return codes[field === 0 ? 0 : flat.readUint32(field)] ?? -1;
    });
}

/** Position of a table's field, 0 where it is absent. */
function fieldOf(flat: ByteBuffer, table: number, number: number): number {
  const offset = flat.__offset(table, 4 + 2 * number);
  return offset === 0 ? 0 : table + offset;
}

function tablesOf(flat: ByteBuffer, table: number, number: number): number[] {
  const field = fieldOf(flat, table, number);
  if (field === 0) return [];
  const start = flat.__vector(field);
  return Array.from({ length: lengthOf(flat, field) }, (_, i) => flat.__indirect(start + 4 * i));
}

function integersOf(flat: ByteBuffer, table: number, number: number): number[] {
  const field = fieldOf(flat, table, number);
  if (field === 0) return [];
  const start = flat.__vector(field);
  return Array.from({ length: lengthOf(flat, field) }, (_, i) => flat.readInt32(start + 4 * i));
}

/** A vector's length, when it fits in the file. */
function lengthOf(flat: ByteBuffer, field: number): number {
  const length = flat.__vector_len(field);
  if (length >= 0 && flat.__vector(field) + 4 * length <= flat.capacity()) return length;
  throw new RangeError('a vector beyond the end');
}
