import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { GraphError, InputError, messageOf } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { hubFiles } from '../export/hub/hub-files.js';
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
import { loadSamples } from './export-samples.js';
import { withRecords, type ModelRecords } from './model-records.js';
import { modelPreprocessing, openAsIs } from './model-source.js';
import { quantizeFor } from './quantize-for.js';
import type { QuantizedProgram } from '../export/quantize/quantized-program.js';

/** What {@link exportJob} writes and where. */
export interface ExportOptions extends ModelRecords, ArtefactSettings {
  /** A shipped model's name, a run folder, a `.keras` or `.h5` file. */
  readonly model: string;
  readonly formats: readonly ExportFormat[];
  /** Default float32. */
  readonly precisions?: readonly ExportPrecision[];
  /** Folder, made where it is missing. */
  readonly out: string;
  /** Pictures for the check: data root or CSV file, of which the test part is taken; drawn faces by default. */
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
  const model = withRecords(await openAsIs(source), options);
  const companions = formats.includes('hub') ? hubFiles(model) : new Map<string, string>();
  makeFolder(out);
  const samples = needsRecord(planned, model)
    ? await loadSamples(modelPreprocessing(model), options, hooks)
    : undefined;
  const quantized = await quantizedFor(planned, model, options, runtime, hooks);
  const settings = quantized === undefined ? options : { ...options, quantized };
  const subject = await checkSubject(engines, model, settings, samples?.pictures);
  const writing: Writing = { engines, subject, out, hooks };
  const written: ArtefactReport[] = [];
  try {
    for (const [done, plan] of planned.entries()) {
      hooks.onEvent?.({
        kind: 'working',
        what: `writing ${plan.artefact.path}`,
        done,
        total: planned.length,
      });
      written.push(await writeAndCheck(writing, plan));
    }
  } catch (error) {
    remove(out, planned);
    throw error;
  }
  const report: ExportReport = {
    version: 1,
    model: source,
    checkedOn:
      samples === undefined ? 'drawn numbers' : `${samples.pictures.length} pictures, ${samples.source}`,
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

/** The model in 8 bits where a file of that precision is wanted. @throws InputError without pictures for the ranges */
async function quantizedFor(
  planned: readonly PlannedArtefact[],
  model: Model,
  { data, cacheDir }: ExportOptions,
  runtime: Runtime,
  hooks: JobHooks,
): Promise<QuantizedProgram | undefined> {
  if (planned.every(({ precision }) => precision !== 'int8')) return undefined;
  if (data === undefined)
    throw new InputError({
      where: '--precision int8',
      received: 'no --data',
      expected: 'a data root with training pictures, from which ranges are taken',
    });
  const options = { data, ...(cacheDir === undefined ? {} : { cacheDir }) };
  return quantizeFor(model, options, runtime, hooks);
}

interface Writing {
  readonly engines: Engines;
  readonly subject: CheckSubject;
  readonly out: string;
  readonly hooks: JobHooks;
}

/** Checks what lies on the disk, not what was meant to. */
async function writeAndCheck(
  { engines, subject, out }: Writing,
  { artefact, format, precision }: PlannedArtefact,
): Promise<ArtefactReport> {
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
