import type { QuantizedFile, QuantizationReport } from '../evaluate/quantization.js';
import type { PictureSource } from '../export/quantize/engine.js';
import { writeOnnx } from '../export/onnx/write-onnx.js';
import type { BoundaryTypes } from '../export/tflite/quantized-tflite.js';
import { writeTflite } from '../export/tflite/write-tflite.js';
import type { Model } from '../models/model.js';
import type { Runtime } from '../runtime/session.js';
import type { JobHooks } from './events.js';
import { modelPreprocessing } from './model-source.js';
import { answersOf, fileAccuracy, latenciesOf, type MeasuredFile } from './quantize-accuracy.js';
import type { QuantizeData } from './quantize-data.js';
import { openNormalizer } from './quantize-pictures.js';

/** Pictures per run of the ONNX files. */
const BATCH = 32;

/** What {@link measureFiles} needs. */
export interface MeasureContext {
  readonly model: Model;
  readonly data: QuantizeData;
  readonly runtime: Runtime;
  readonly litert?: () => Runtime;
  readonly boundary: BoundaryTypes;
  readonly hooks: JobHooks;
}

/** Figures of the written files. */
export type MeasuredFiles = Pick<QuantizationReport, 'measured' | 'files' | 'notes'>;

/** Runs both files and the float model on the test part, or on held training pictures where there is none. */
export async function measureFiles(
  context: MeasureContext,
  written: { readonly tflite: Uint8Array; readonly onnx: Uint8Array },
): Promise<MeasuredFiles> {
  const { model, data, runtime } = context;
  const { images, indices, split } = subjectOf(data);
  const pictures = await openNormalizer(runtime, modelPreprocessing(model), images, BATCH);
  const source = pictures.source(indices);
  const labels = indices.map((image) => images.labels[image] ?? 0);
  const input = model.graph.inputs[0] ?? '';
  const floats = { onnx: writeOnnx(model), tflite: writeTflite(model) };
  const measure = new Measuring(context, source, labels, split);
  try {
    const exact = await measure.answers({ bytes: floats.onnx, runtime, input, format: 'onnx' }, 'float32');
    const accuracy = exact.filter((answer, i) => answer === labels[i]).length / labels.length;
    const onnx = { bytes: written.onnx, runtime, input, format: 'onnx' } as const;
    const tflite = liteRtFile(context, written.tflite, input);
    const files: QuantizedFile[] = [];
    files.push(await measure.file('model_int8.tflite', written.tflite, tflite, floats.tflite, exact));
    files.push(await measure.file('model_int8.onnx', written.onnx, onnx, floats.onnx, exact));
    return { measured: { split, images: labels.length, accuracy }, files, notes: notesOf(context) };
  } finally {
    await pictures.close();
  }
}

function subjectOf({ test, train, held }: QuantizeData) {
  if (test === undefined) return { images: train, indices: held, split: 'held training images' };
  return { images: test, indices: [...test.labels.keys()], split: 'test' };
}

/** Whether LiteRT for the web runs a file on normalized pictures, which are float32; it refuses int8 at either end. */
function runsOnFloats({ inputType = 'float32', outputType = 'float32' }: BoundaryTypes): boolean {
  return inputType === 'float32' && outputType !== 'int8';
}

/** The TensorFlow Lite file where LiteRT is there and can run it. */
function liteRtFile(
  { litert, boundary }: MeasureContext,
  bytes: Uint8Array,
  input: string,
): MeasuredFile | undefined {
  if (litert === undefined || !runsOnFloats(boundary)) return undefined;
  return { bytes, runtime: litert(), input, format: 'tflite' };
}

function notesOf({ litert, boundary, data }: MeasureContext): string[] {
  const notes: string[] = [];
  if (litert === undefined) notes.push('LiteRT is not installed: the TensorFlow Lite file was not run.');
  else if (!runsOnFloats(boundary))
    notes.push(
      'The TensorFlow Lite file takes or gives integers and was not run: its float32 twin has the same arithmetic.',
    );
  if (data.test === undefined) notes.push('The data has no test part.');
  if (data.copies > 0)
    notes.push(`${data.copies} training images that are also test images were left out of the calibration.`);
  return notes;
}

class Measuring {
  constructor(
    private readonly context: MeasureContext,
    private readonly source: PictureSource,
    private readonly labels: readonly number[],
    private readonly split: string,
  ) {}

  answers(file: MeasuredFile, name: string): Promise<number[]> {
    const total = this.labels.length;
    const what = `evaluating ${name} on ${this.split}`;
    return answersOf(file, this.source, total, (done) =>
      this.context.hooks.onEvent?.({ kind: 'working', what, done, total }),
    );
  }

  async file(
    path: string,
    bytes: Uint8Array,
    file: MeasuredFile | undefined,
    float: Uint8Array,
    exact: readonly number[],
  ): Promise<QuantizedFile> {
    const about = { path, bytes: bytes.length, ratio: float.length / bytes.length };
    if (file === undefined) return { ...about, runtime: null, accuracy: null, latency: null };
    const answers = await this.answers(file, path);
    const classes = this.context.model.classes?.length ?? 1;
    const accuracy = fileAccuracy(answers, exact, this.labels, classes);
    const [int8 = 0, float32 = 0] = await latenciesOf([file, { ...file, bytes: float }], this.source);
    return { ...about, runtime: file.runtime.name, accuracy, latency: { int8, float32 } };
  }
}
