import { InputError } from '../../core/errors.js';
import { isSoftmax, scaleOf } from '../../export/tflite/read/ends.js';
import { parseTflite, type NamedTensor, type TfliteFile } from '../../export/tflite/read/parse-tflite.js';
import { tfliteRecord } from '../../export/tflite/read/read-tflite.js';
import { writeTflite } from '../../export/tflite/write-tflite.js';
import type { DescribedRuntime, DescribedSession, Port } from '../../runtime/session.js';
import { describedRecognizer } from './described.js';
import type { ReadyModel } from './ready-model.js';
import type { Recognizer } from './recognizer.js';

/** A model in a TensorFlow Lite runtime, written in memory, pictures normalized inside. */
export async function tfliteModelRecognizer(
  runtime: DescribedRuntime,
  model: ReadyModel,
): Promise<Recognizer> {
  const bytes = writeTflite(model, { input: 'image', softmax: true });
  const session = await runtime.createSession(bytes);
  return closing(session, () =>
    describedRecognizer({ ...model, name: runtime.name, session, takes: 'pixels', logits: false }),
  );
}

/** What a person says about a `.tflite` file that does not say it. */
export type TfliteRecords = Partial<Pick<ReadyModel, 'preprocessing' | 'classes'>>;

/**
 * A `.tflite` file in its runtime. One that Mien wrote says itself what it takes; others are taken to want normalized
 * numbers, or pixels where the input is uint8 without a scale.
 *
 * @throws InputError when it is damaged or nobody says what its classes and its preprocessing are
 */
export async function tfliteFileRecognizer(
  runtime: DescribedRuntime,
  bytes: Uint8Array,
  { where, records = {} }: { readonly where: string; readonly records?: TfliteRecords },
): Promise<Recognizer> {
  const file = parseTflite(bytes, where);
  const record = tfliteRecord(file, where);
  const { preprocessing = records.preprocessing, classes = records.classes } = record;
  if (preprocessing === undefined || classes === undefined)
    throw withoutRecord(where, preprocessing === undefined);
  const opened = await runtime.createSession(bytes);
  const session = withQuantization(opened, file);
  return closing(opened, () => {
    const [input] = session.inputs;
    const takes = input?.dtype === 'uint8' && rawPixels(input) ? 'pixels' : 'normalized';
    const logits = !file.outputs.some(({ tensor }) => isSoftmax(file, tensor));
    const ends = { name: runtime.name, session, takes, logits } as const;
    return describedRecognizer({ ...ends, preprocessing, classes, calibration: record.calibration });
  });
}

function rawPixels({ quantization }: Port): boolean {
  return quantization === undefined || (quantization.scale === 1 && quantization.zeroPoint === 0);
}

/** A session whose ports know the numbers that stand in the file. */
function withQuantization(session: DescribedSession, file: TfliteFile): DescribedSession {
  const joined = (ports: readonly Port[], ends: readonly NamedTensor[]) =>
    ports.map((port, i) => {
      const end = ends.find(({ name }) => name === port.name) ?? ends[i];
      return { ...port, quantization: scaleOf(file.tensors[end?.tensor ?? -1]?.quantization) };
    });
  return {
    inputs: joined(session.inputs, file.inputs),
    outputs: joined(session.outputs, file.outputs),
    run: (feeds, into) => session.run(feeds, into),
    close: () => session.close(),
  };
}

/** Closes a session that turns out to be useless. */
async function closing(session: DescribedSession, use: () => Recognizer): Promise<Recognizer> {
  try {
    return use();
  } catch (error) {
    await session.close();
    throw error;
  }
}

function withoutRecord(where: string, preprocessing: boolean): InputError {
  return new InputError({
    where,
    received: preprocessing ? 'no preprocessing record' : 'no class names',
    expected: 'a file that says how pictures reach it and what its outputs mean',
    remedy: preprocessing ? 'give one with --preprocessing FILE' : 'give them with --classes NAME,NAME',
  });
}
