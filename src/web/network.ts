import { InputError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import type { Tensor } from '../core/tensor.js';
import type { Picture } from '../data/images.js';
import { onnxRecord } from '../export/onnx/onnx-record.js';
import { readHeader } from '../onnx/header.js';
import type { NetInput, NetOutput } from '../predict/file-net.js';
import { onnxInput, onnxOutput } from '../predict/onnx-ends.js';
import { logRows, softmaxRows } from '../predict/rows.js';
import type { Runtime, Session } from '../runtime/session.js';
import { prepare } from './prepare.js';

/** What is known of a model file beside its network. */
export interface NetworkRecord {
  readonly classes: readonly string[];
  readonly preprocessing: Preprocessing;
  /** Logits are divided by it before the softmax. */
  readonly temperature: number;
  readonly input: NetInput;
  readonly output: NetOutput;
  /** Pictures per run that the file demands. */
  readonly batch: number;
}

/** A compiled model file that answers for one picture at a time. */
export class Network {
  private constructor(
    readonly record: NetworkRecord,
    private readonly session: Session,
  ) {}

  /**
   * Reads and compiles a file written by `mien export --format onnx`.
   * @param where the file's name, for messages
   * @throws InputError when it is damaged or came without its record
   */
  static async open(runtime: Runtime, bytes: Uint8Array, where: string): Promise<Network> {
    const record = recordOf(bytes, where);
    return new Network(record, await runtime.createSession(bytes));
  }

  /** Probabilities of a face, in the order of the classes; they sum to 1. */
  async probabilities(face: Picture): Promise<Float32Array> {
    const { preprocessing, input, output, temperature, batch } = this.record;
    const tensor = repeated(prepare(face, preprocessing, input), batch);
    const results = await this.session.run({ [input.name]: tensor });
    const row = rowOf(results[output.name], output.name).subarray(0, this.record.classes.length);
    const logits = output.probabilities ? logRows(row) : row.map((logit) => logit / temperature);
    return softmaxRows(logits, row.length);
  }

  close(): Promise<void> {
    return this.session.close();
  }
}

function recordOf(bytes: Uint8Array, where: string): NetworkRecord {
  const { inputs, outputs, metadata } = readHeader(bytes, where);
  const [[input, ...others], [output]] = [inputs, outputs];
  if (input === undefined || output === undefined || others.length > 0)
    throw new InputError({ where, received: `${inputs.length} inputs`, expected: 'one, for pictures' });
  const { classes, preprocessing, calibration } = onnxRecord(metadata, where);
  if (classes === undefined || preprocessing === undefined)
    throw new InputError({
      where,
      received: `a model without ${classes === undefined ? 'class names' : 'a preprocessing record'}`,
      expected: 'both in its metadata',
      remedy: 'write it with mien export --format onnx',
    });
  return {
    ...{ classes, preprocessing },
    temperature: calibration?.temperature ?? 1,
    input: onnxInput(input, metadata, where),
    output: onnxOutput(output, metadata, { where, softmax: false }),
    batch: input.shape[0] ?? 1,
  };
}

/** A batch of one in the first place of a batch that a file demands. */
function repeated(tensor: Tensor, batch: number): Tensor {
  if (batch === 1) return tensor;
  const [, ...rest] = tensor.shape;
  const data =
    tensor.dtype === 'uint8'
      ? new Uint8Array(tensor.data.length * batch)
      : new Float32Array(tensor.data.length * batch);
  data.set(tensor.data as Float32Array);
  return { ...tensor, shape: [batch, ...rest], data };
}

function rowOf(tensor: Tensor | undefined, name: string): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new InputError({
    where: 'model',
    received: `no numbers in its output "${name}"`,
    expected: 'one per class',
  });
}
