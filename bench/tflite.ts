import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { InputError } from '../src/core/errors.js';
import type { Tensor } from '../src/core/tensor.js';
import { alignTable, groupDigits } from '../src/evaluate/table.js';
import { saveKeras } from '../src/export/keras/archive.js';
import { parseTflite, type TfliteFile } from '../src/export/tflite/read/parse-tflite.js';
import { writeTflite } from '../src/export/tflite/write-tflite.js';
import { agreementOf } from '../src/jobs/agreement.js';
import { artefactAnswers } from '../src/jobs/artefact-answers.js';
import { loadSamples } from '../src/jobs/export-samples.js';
import { layerAnswers } from '../src/jobs/layer-answers.js';
import { modelPreprocessing, openModel } from '../src/jobs/model-source.js';
import type { Model } from '../src/models/model.js';
import { litertNode } from '../src/runtime/node/litert.js';
import { ortNode } from '../src/runtime/node/ort.js';
import type { Session } from '../src/runtime/session.js';
import { cpuName } from './machine.js';
import { accuracies, int8Data, mienInt8, writeCalibration, type Int8Data } from './tflite-int8.js';
import { progress, runBench, type Settings } from './options.js';
import { summary } from './statistics.js';
import { today } from './turns.js';

const DESCRIPTION = `Compares Mien's TensorFlow Lite files with those of TensorFlow's own converter from the same .keras file:
operators, size, agreement with the layer graph, and latency in LiteRT (wasm, one thread), in turns. With --data, int8 files
as well, both calibrated on the same training pictures, and the accuracy of every file on all test pictures.`;

const OPTIONS = {
  python: { help: 'Python that has Keras and TensorFlow; else MIEN_PYTHON, else python3' },
  model: { help: 'shipped model, run folder or .keras file', default: 'mien' },
  data: { help: 'data for int8 and accuracy (default: drawn faces, no int8)' },
  rounds: { help: 'turns of every file', default: '10' },
  runs: { help: 'measured passes in a turn', default: '20' },
};

const PRECISIONS = ['float32', 'float16'] as const;

interface Subject {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly file: TfliteFile;
  readonly times: number[];
}

await runBench(DESCRIPTION, OPTIONS, async (settings) => {
  const model = await openModel(settings.text('model') ?? '');
  const data = settings.text('data');
  const int8 = data === undefined ? undefined : await int8Data(model, data);
  const { subjects, versions } = await subjectsOf(model, int8, settings);
  const agreements = await compared(model, subjects, settings);
  const measured = int8 === undefined ? [] : await accuracies(int8, subjects.map(named));
  await takeTurns(subjects, settings);
  const rows = subjects.map(({ name, bytes, file, times }, i) => ({
    file: name,
    operators: file.operators.filter((operator) => operator.name !== 'DEQUANTIZE').length,
    dequantize: file.operators.filter((operator) => operator.name === 'DEQUANTIZE').length,
    bytes: bytes.length,
    ...agreements[i],
    test: measured[i] ?? null,
    milliseconds: summary(times),
  }));
  const common = { date: today(), cpu: cpuName(), runtime: litertNode().name, versions };
  return { json: { version: 1, ...common, rows }, text: `${table(rows)}\n\n${JSON.stringify(common)}` };
});

function named({ name, bytes, file }: Subject) {
  return { name, bytes, input: file.inputs[0]?.name ?? '' };
}

interface Row {
  readonly file: string;
  readonly operators: number;
  readonly dequantize: number;
  readonly bytes: number;
  readonly images?: number;
  readonly sameClass?: number;
  readonly maxDifference?: number;
  /** Undefined without data. */
  readonly test: Awaited<ReturnType<typeof accuracies>>[number] | null;
  readonly milliseconds: ReturnType<typeof summary>;
}

function table(rows: readonly Row[]): string {
  const header = [
    'file',
    'operators',
    'dequantize',
    'bytes',
    'same class',
    'logits differ',
    'accuracy',
    'difference',
    'fastest ms',
    'median ms',
    'quartiles',
  ];
  const cells = rows.map((row) => [
    row.file,
    String(row.operators),
    String(row.dequantize),
    groupDigits(row.bytes),
    row.test === null
      ? `${row.sameClass ?? 0}/${row.images ?? 0}`
      : `${Math.round(row.test.same * row.test.images)}/${row.test.images}`,
    (row.maxDifference ?? NaN).toExponential(1),
    ...accuracyCells(row),
    row.milliseconds.min.toFixed(2),
    row.milliseconds.median.toFixed(2),
    row.milliseconds.quartiles.map((value) => value.toFixed(2)).join('–'),
  ]);
  return alignTable([header, ...cells]).join('\n');
}

function accuracyCells({ test }: Row): string[] {
  if (test === null) return ['', ''];
  return [`${(100 * test.accuracy).toFixed(2)} %`, (100 * test.difference).toFixed(2)];
}

async function subjectsOf(model: Model, int8: Int8Data | undefined, settings: Settings) {
  const folder = mkdtempSync(join(tmpdir(), 'mien-tflite-'));
  try {
    const path = join(folder, 'model.keras');
    await saveKeras(path, model);
    const calibration = join(folder, 'calibration.bin');
    if (int8 !== undefined) await writeCalibration(int8, calibration);
    progress("converting by TensorFlow's own converter");
    const versions = convert(settings.text('python') ?? process.env['MIEN_PYTHON'] ?? 'python3', [
      path,
      folder,
      ...(int8 === undefined ? [] : [calibration]),
    ]);
    const subjects = PRECISIONS.flatMap((precision) => [
      subjectOf(`Mien ${precision}`, writeTflite(model, { precision })),
      subjectOf(`TensorFlow ${precision}`, readFileSync(join(folder, `${precision}.tflite`))),
    ]);
    if (int8 !== undefined) {
      subjects.push(subjectOf('Mien int8', await mienInt8(int8)));
      subjects.push(subjectOf('TensorFlow int8', readFileSync(join(folder, 'int8.tflite'))));
    }
    return { subjects, versions };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function convert(python: string, args: readonly string[]): unknown {
  const script = fileURLToPath(new URL('../../bench/peers/tflite_convert.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync(python, [script, ...args], { encoding: 'utf8' });
  if (status === 0) return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}');
  throw new InputError({
    where: '--python',
    received: `"${python}", which says: ${(stderr || '').trim().split('\n').at(-1) ?? ''}`,
    expected: 'a Python that has Keras and TensorFlow',
  });
}

function subjectOf(name: string, bytes: Uint8Array): Subject {
  return { name, bytes, file: parseTflite(bytes, name), times: [] };
}

async function compared(model: Model, subjects: readonly Subject[], settings: Settings) {
  const data = settings.text('data');
  const record = modelPreprocessing(model);
  const { pictures } = await loadSamples(record, data === undefined ? {} : { data }, {});
  const reference = await layerAnswers(ortNode(), model, pictures);
  const inputs = { pictures, reference, channels: record.channels };
  const agreements: ReturnType<typeof agreementOf>[] = [];
  for (const { bytes, file } of subjects) {
    const input = file.inputs[0]?.name ?? '';
    const about = { engine: 'tflite', kind: 'normalized', input, batch: 1, softmax: false } as const;
    const found = await artefactAnswers(litertNode(), bytes, inputs, about);
    agreements.push(agreementOf(found, reference.outputs, reference.classes));
  }
  return agreements;
}

async function takeTurns(subjects: readonly Subject[], settings: Settings): Promise<void> {
  const open: { readonly subject: Subject; readonly session: Session; readonly x: Record<string, Tensor> }[] =
    [];
  for (const subject of subjects) {
    const { name = '', tensor = -1 } = subject.file.inputs[0] ?? {};
    const shape = subject.file.tensors[tensor]?.shape ?? [];
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).map((_, i) => Math.sin(i));
    const session = await litertNode().createSession(subject.bytes);
    open.push({ subject, session, x: { [name]: { dtype: 'float32', shape, data } } });
  }
  const [rounds, runs] = [settings.count('rounds'), settings.count('runs')];
  for (let round = 0; round < rounds; round++) {
    progress(`turn ${round + 1} of ${rounds}`);
    for (const { subject, session, x } of open) {
      await session.run(x);
      for (let i = 0; i < runs; i++) {
        const started = performance.now();
        await session.run(x);
        subject.times.push(performance.now() - started);
      }
    }
  }
  for (const { session } of open) await session.close();
}
