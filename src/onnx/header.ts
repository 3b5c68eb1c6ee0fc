import { InputError } from '../core/errors.js';

/** An input or output of an ONNX file. */
export interface OnnxEnd {
  readonly name: string;
  readonly dtype: 'float32' | 'uint8' | 'other';
  /** Undefined for sizes that the file leaves open. */
  readonly shape: readonly (number | undefined)[];
}

/** What an ONNX file says about itself outside its nodes and weights. */
export interface OnnxHeader {
  readonly name: string;
  /** Without weights that older files list among them. */
  readonly inputs: readonly OnnxEnd[];
  readonly outputs: readonly OnnxEnd[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** Field numbers of onnx.proto. */
const MODEL = { graph: 7, metadata: 14 } as const;
const GRAPH = { name: 2, initializer: 5, input: 11, output: 12 } as const;
const TENSOR_NAME = 8;
const DTYPES = new Map<number, OnnxEnd['dtype']>([
  [1, 'float32'],
  [2, 'uint8'],
]);

/**
 * Reads the ends and the metadata of an ONNX file without reading its weights: small enough for a page, where ONNX
 * Runtime does not give the metadata.
 *
 * @param where the file's name, for messages
 * @throws InputError when the bytes are no ONNX file
 *
 * @example const labels = readHeader(bytes, 'model.onnx').metadata.get('labels');
 */
export function readHeader(bytes: Uint8Array, where: string): OnnxHeader {
  try {
    return headerOf(new Message(bytes));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(
      { where, received: `${startOf(bytes)} (${error.message})`, expected: 'an ONNX model' },
      { cause: error },
    );
  }
}

function headerOf(model: Message): OnnxHeader {
  const [graph] = model.messages(MODEL.graph);
  if (graph === undefined) throw new RangeError('no graph');
  const weights = new Set(graph.messages(GRAPH.initializer).map((tensor) => tensor.text(TENSOR_NAME)));
  const inputs = graph.messages(GRAPH.input).map(endOf);
  return {
    name: graph.text(GRAPH.name),
    inputs: inputs.filter(({ name }) => !weights.has(name)),
    outputs: graph.messages(GRAPH.output).map(endOf),
    metadata: new Map(model.messages(MODEL.metadata).map((entry) => [entry.text(1), entry.text(2)])),
  };
}

/** A ValueInfoProto: name 1, type 2 → tensor_type 1 → elem_type 1 and shape 2 → dim 1 → dim_value 1. */
function endOf(value: Message): OnnxEnd {
  const tensor = value.message(2)?.message(1);
  const sizes = tensor?.message(2)?.messages(1) ?? [];
  return {
    name: value.text(1),
    dtype: DTYPES.get(tensor?.number(1) ?? 0) ?? 'other',
    shape: sizes.map((dim) => ((dim.number(1) ?? 0) > 0 ? dim.number(1) : undefined)),
  };
}

function startOf(bytes: Uint8Array): string {
  const start = new TextDecoder().decode(bytes.subarray(0, 12)).replace(/[^\x20-\x7e]/g, '.');
  return bytes.length === 0 ? 'an empty file' : `${bytes.length} bytes that begin with "${start}"`;
}

/** One field of a protobuf message: a number, or the place of its bytes. */
interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
}

/** A protobuf message, split into its fields; what is inside of them is read when asked for. */
class Message {
  private readonly fields: Field[] = [];
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {
    while (this.at < bytes.length) {
      const tag = this.varint();
      const value = this.value(tag & 7);
      if (tag >> 3 === 0) throw new RangeError('a field without a number');
      this.fields.push({ number: tag >> 3, value });
    }
  }

  messages(number: number): Message[] {
    return this.blocks(number).map((block) => new Message(block));
  }

  message(number: number): Message | undefined {
    return this.messages(number)[0];
  }

  text(number: number): string {
    return new TextDecoder().decode(this.blocks(number).at(-1));
  }

  number(number: number): number | undefined {
    const found = this.fields.findLast((field) => field.number === number)?.value;
    return typeof found === 'number' ? found : undefined;
  }

  private blocks(number: number): Uint8Array[] {
    return this.fields.flatMap((field) =>
      field.number === number && typeof field.value !== 'number' ? [field.value] : [],
    );
  }

  private value(wireType: number): number | Uint8Array {
    if (wireType === 0) return this.varint();
    if (wireType === 2) return this.take(this.varint());
    if (wireType === 1) return this.take(8);
    if (wireType === 5) return this.take(4);
    throw new RangeError(`a field of wire type ${wireType}`);
  }

  private varint(): number {
    let [value, factor] = [0, 1];
    for (let count = 0; count < 10; count++) {
      const [byte = 0] = this.take(1);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    throw new RangeError('a number without end');
  }

  private take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.bytes.length) throw new RangeError('cut off');
    const block = this.bytes.subarray(this.at, end);
    this.at = end;
    return block;
  }
}
