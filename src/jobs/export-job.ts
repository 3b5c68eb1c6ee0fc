import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { GraphError, InputError, messageOf } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { groupDigits } from '../evaluate/table.js';
import { hubFiles } from '../export/hub/hub-files.js';
import { endsInSoftmax, endsUncalibrated } from '../export/program/build-program.js';
import { restoreQuantized } from '../export/quantize/calibration-record.js';
import type { QuantizedProgram } from '../export/quantize/quantized-program.js';
import { logitsGraph } from '../models/logits.js';
import type { Model } from '../models/model.js';
import type { Runtime } from '../runtime/session.js';
import type { JobHooks } from './events.js';
import {
  checkArtefact,
  checkSubject,
  type CheckResult,
  type CheckSubject,
  type Engines,
} from './export-check.js';
import {
  ARTEFACTS,
  type Artefact,
  type ArtefactSettings,
  type ExportFormat,
  type ExportPrecision,
} from './export-formats.js';
import { planExport, type PlannedArtefact } from './export-plan.js';
import { loadSamples, type Samples } from './export-samples.js';
import { withRecords, type ModelRecords } from './model-records.js';
import { modelPreprocessing, openAsIs } from './model-source.js';
import { CALIBRATION_IMAGES } from './quantize-data.js';
import { quantizeFor } from './quantize-for.js';
import { settingsOfModel } from './run-settings.js';
import { isShipped } from './shipped.js';
import { shippedRanges } from './shipped-ranges.js';

/** What {@link exportJob} writes and where. */
export interface ExportOptions extends ModelRecords, ArtefactSettings {
  /** A shipped model's name, a run folder, a `.keras` or `.h5` file. */
  readonly model: string;
  readonly formats: readonly ExportFormat[];
  /** Default float32. */
  readonly precisions?: readonly ExportPrecision[];
  /** Folder, made where it is missing. */
  readonly out: string;
  /**
   * Data root or CSV file: its test part for the check (default: drawn faces), and for int8 its training part for the
   * ranges (default: the data of a run, or the ranges that the package brings for a shipped model).
   */
  readonly data?: string;
  readonly cacheDir?: string;
}

/** What an export needs beside its options. */
export interface ExportEnvironment {
  readonly runtime: Runtime;
  /** LiteRT, which checks `.tflite` files; asked for when there is one. */
  readonly litert: () => Runtime;
  /** Other writers than Mien's own. */
  readonly artefacts?: typeof ARTEFACTS;
}

/** What was written. */
export interface Exported {
  readonly model: string;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly report: ExportReport;
}

/** What `export_report.json` says. */
export interface ExportReport {
  readonly version: 1;
  readonly model: string;
  /** What the artefacts were checked on. */
  readonly checkedOn: string;
  /** Where the ranges of int8 files come from, in words; null without such files. */
  readonly ranges: string | null;
  readonly passed: boolean;
  readonly artefacts: readonly ArtefactReport[];
}

/** A file and its check. */
export interface ArtefactReport extends CheckResult {
  readonly format: ExportFormat;
  readonly precision: ExportPrecision;
  /** Below the output folder. */
  readonly path: string;
  readonly bytes: number;
}

/** Name of the report in the output folder. */
export const EXPORT_REPORT = 'export_report.json';

/**
 * Writes a model in other formats and runs every file in its own engine, on pictures held out from training, against
 * the float layer graph. The figures are saved in `export_report.json`; when a check fails, that is all that stays.
 *
 * @throws InputError when the model is missing or damaged, a format cannot hold it, or the folder is not writable
 * @throws GraphError when a file does not answer as the layer graph does
 * @example
 * await exportJob({ model: 'mien', formats: ['onnx', 'tflite'], out: 'exported' }, { runtime: ortNode(), litert: litertNode });
 */
export async function exportJob(
  options: ExportOptions,
  { runtime, litert, artefacts = ARTEFACTS }: ExportEnvironment,
  hooks: JobHooks = {},
): Promise<Exported> {
  const { model: source, out, formats, precisions = ['float32'] } = options;
  const planned = planExport(formats, precisions, artefacts);
  const engines: Engines = { onnx: runtime, tflite: litert };
  // A missing engine should show before anything is written.
  if (planned.some(({ artefact }) => artefact.engine === 'tflite')) litert();
  const model = withRecords(await openAsIs(source, '<model>'), options);
  const ranges = planned.some(({ precision }) => precision === 'int8') ? rangesOf(options) : undefined;
  const companions = formats.includes('hub') ? hubFiles(model) : new Map<string, string>();
  makeFolder(out);
  const samples = needsRecord(planned, model)
    ? await loadSamples(modelPreprocessing(model), options, hooks)
    : undefined;
  const float = await checkSubject(engines, model, options, samples?.pictures);
  const int8 = ranges === undefined ? undefined : await int8Subject(engines, float, ranges, hooks);
  const network = endsUncalibrated(model) ? await logitsSubject(engines, float) : float;
  const writing: Writing = { engines, float, network, int8, out };
  const written: ArtefactReport[] = [];
  try {
    for (const [done, plan] of planned.entries()) {
      const what = `writing ${plan.artefact.path}`;
      hooks.onEvent?.({ kind: 'working', what, done, total: planned.length });
      written.push(await writeAndCheck(writing, plan));
    }
  } catch (error) {
    remove(out, planned);
    throw error;
  }
  const report: ExportReport = {
    version: 1,
    model: source,
    checkedOn: checkedOn(samples),
    ranges: ranges?.source ?? null,
    passed: written.every(({ passed }) => passed),
    artefacts: written,
  };
  writeFileAtomic(join(out, EXPORT_REPORT), `${JSON.stringify(report, null, 2)}\n`);
  if (!report.passed) {
    remove(out, planned);
    throw failure(report, out);
  }
  const files = written.map(({ path, bytes }) => ({ path: join(out, path), bytes }));
  return { model: source, files: [...files, ...writeHubFiles(out, companions)], report };
}

function checkedOn(samples: Samples | undefined): string {
  return samples === undefined ? 'drawn numbers' : `${samples.pictures.length} pictures, ${samples.source}`;
}

/** Where ranges come from, and how a program in 8 bits is made of a model that ends in logits. */
interface Ranges {
  /** In words. */
  readonly source: string;
  quantize(model: Model, runtime: Runtime, hooks: JobHooks): Promise<QuantizedProgram>;
}

/** Data, a run's own data, or what a shipped model brings. @throws InputError where there is none of these */
function rangesOf({ model, cacheDir, data = settingsOfModel(model)?.data }: ExportOptions): Ranges {
  if (data !== undefined) {
    const place = { data, ...(cacheDir === undefined ? {} : { cacheDir }) };
    return {
      source: `${groupDigits(CALIBRATION_IMAGES)} training pictures of ${data}`,
      quantize: (subject, runtime, hooks) => quantizeFor(subject, place, runtime, hooks),
    };
  }
  const record = isShipped(model) ? shippedRanges(model) : undefined;
  if (record !== undefined)
    return {
      source: `shipped with the model: ${record.source}`,
      quantize: (subject) => Promise.resolve(restoreQuantized(subject, record)),
    };
  throw new InputError({
    where: '--precision int8',
    received: 'no --data',
    expected: 'a data root with training pictures, from which ranges are taken',
  });
}

/** What int8 files are written from and checked against. */
async function int8Subject(
  engines: Engines,
  float: CheckSubject,
  ranges: Ranges,
  hooks: JobHooks,
): Promise<CheckSubject> {
  // Quantization takes a softmax off.
  const { model, settings, ...rest } = endsInSoftmax(float.model.graph, float.model.graph.outputs[0] ?? '')
    ? await logitsSubject(engines, float)
    : float;
  const quantized = await ranges.quantize(model, engines.onnx, hooks);
  return { ...rest, model, settings: { ...settings, quantized } };
}

/** A model that ends in a softmax, as logits whose softmax the file gets by itself. */
function logitsSubject(engines: Engines, { model, settings, pictures }: CheckSubject): Promise<CheckSubject> {
  const logits = { ...model, graph: logitsGraph(model.graph) };
  return checkSubject(engines, logits, { ...settings, softmax: true }, pictures);
}

interface Writing {
  readonly engines: Engines;
  /** The model as it is, for archives. */
  readonly float: CheckSubject;
  /** The same for networks: with its temperature before the softmax that it ends in. */
  readonly network: CheckSubject;
  /** Undefined where no int8 file is wanted. */
  readonly int8: CheckSubject | undefined;
  readonly out: string;
}

/** Checks what lies on the disk, not what was meant to. */
async function writeAndCheck(
  { engines, float, network, int8 = network, out }: Writing,
  { artefact, format, precision }: PlannedArtefact,
): Promise<ArtefactReport> {
  const subject = artefact.engine === 'keras' ? float : precision === 'int8' ? int8 : network;
  const path = join(out, artefact.path);
  writeFileAtomic(path, await artefact.write(subject.model, subject.settings));
  const bytes = readFileSync(path);
  const result = await checkArtefact(engines, subject, artefact, { bytes, precision });
  return { format, precision, path: artefact.path, bytes: bytes.length, ...result };
}

/** Archives may hold models that know nothing of pictures. */
function needsRecord(planned: readonly PlannedArtefact[], { preprocessing }: Model): boolean {
  return preprocessing !== undefined || planned.some(({ artefact }) => artefact.engine !== 'keras');
}

function writeHubFiles(out: string, files: ReadonlyMap<string, string>): { path: string; bytes: number }[] {
  return [...files].map(([name, text]) => {
    const path = join(out, 'hub', name);
    writeFileAtomic(path, text);
    return { path, bytes: Buffer.byteLength(text) };
  });
}

function remove(out: string, planned: readonly { readonly artefact: Artefact }[]): void {
  for (const { artefact } of planned) {
    rmSync(join(out, artefact.path), { force: true });
    for (let folder = dirname(artefact.path); folder !== '.'; folder = dirname(folder))
      removeEmpty(join(out, folder));
  }
}

function removeEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}

function failure({ artefacts }: ExportReport, out: string): GraphError {
  const failed = artefacts.filter(({ passed }) => !passed);
  const received = failed.map(({ path, problem }) => `${path}, of which ${problem ?? ''}`).join('; ');
  return new GraphError({
    where: 'export check',
    received,
    expected: 'the answers of the layer graph',
    remedy: `no file was kept, ${join(out, EXPORT_REPORT)} has the figures`,
  });
}

function makeFolder(out: string): void {
  try {
    mkdirSync(out, { recursive: true });
  } catch (error) {
    const received = `"${messageOf(error)}"`;
    throw new InputError(
      { where: '--out', received, expected: 'a folder that can be written' },
      { cause: error },
    );
  }
}
