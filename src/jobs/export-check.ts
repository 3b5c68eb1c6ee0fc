import { InputError, messageOf } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import type { Picture } from '../data/images.js';
import { readKeras } from '../export/keras/archive.js';
import type { Model } from '../models/model.js';
import type { Runtime } from '../runtime/session.js';
import { agreementOf, type Agreement } from './agreement.js';
import { artefactAnswers } from './artefact-answers.js';
import type { Artefact, ArtefactSettings, ExportPrecision } from './export-formats.js';
import { answersTo, layerAnswers, probabilitiesOf, type LayerAnswers } from './layer-answers.js';

/** What a check lets pass. */
export interface CheckLimits {
  /** Smallest share of pictures of the same class. */
  readonly sameClass: number;
  /** Largest {@link Agreement.relativeDifference}. */
  readonly relativeDifference: number;
}

/**
 * Limits by precision. float32: roundings through some hundred layers. float16: weights of 11 bits, of which a net
 * that is not trained makes a few per cent of a logit. int8: a check against mistakes in the file, not of the accuracy,
 * which `mien quantize` measures.
 */
export const CHECK_LIMITS: Readonly<Record<ExportPrecision, CheckLimits>> = {
  float32: { sameClass: 1, relativeDifference: 1e-3 },
  float16: { sameClass: 0.98, relativeDifference: 0.1 },
  int8: { sameClass: 0.9, relativeDifference: 0.5 },
};

/** What came of running an artefact. */
export interface CheckResult extends Agreement {
  /** What ran it. */
  readonly runtime: string;
  readonly limits: CheckLimits;
  readonly passed: boolean;
  /** What is wrong, in a sentence; null for an artefact that passed. */
  readonly problem: string | null;
}

/** What all checks of an export share. */
export interface CheckSubject {
  readonly model: Model;
  readonly settings: ArtefactSettings;
  /** Undefined for a model without a preprocessing record, which drawn numbers check. */
  readonly pictures: readonly Picture[] | undefined;
  readonly reference: LayerAnswers | undefined;
}

/** Engines that run artefacts. */
export interface Engines {
  readonly onnx: Runtime;
  /** LiteRT, opened when a file needs it. */
  readonly tflite: () => Runtime;
}

/** Prepares the checks of a model: what its layers answer. */
export async function checkSubject(
  { onnx }: Engines,
  model: Model,
  settings: ArtefactSettings,
  pictures: readonly Picture[] | undefined,
): Promise<CheckSubject> {
  const reference = pictures === undefined ? undefined : await layerAnswers(onnx, model, pictures);
  return { model, settings, pictures, reference };
}

/** Runs a file in its engine and compares; a refusal by the engine is a result, too. */
export async function checkArtefact(
  engines: Engines,
  subject: CheckSubject,
  artefact: Artefact,
  { bytes, precision }: { readonly bytes: Uint8Array; readonly precision: ExportPrecision },
): Promise<CheckResult> {
  const runtime = artefact.engine === 'tflite' ? engines.tflite() : engines.onnx;
  const limits = CHECK_LIMITS[precision];
  const about = {
    runtime: artefact.engine === 'keras' ? `Mien, read back, ${runtime.name}` : runtime.name,
    limits,
  };
  const result = await compare(runtime, subject, artefact, bytes).catch((error: unknown) => messageOf(error));
  if (typeof result === 'string') {
    const none = { images: subject.pictures?.length ?? 0, sameClass: 0, maxDifference: Infinity };
    return { ...none, relativeDifference: Infinity, ...about, passed: false, problem: result };
  }
  const problem = problemOf(result, limits);
  return { ...result, ...about, passed: problem === undefined, problem: problem ?? null };
}

async function compare(
  runtime: Runtime,
  { model, settings, pictures, reference }: CheckSubject,
  artefact: Artefact,
  bytes: Uint8Array,
): Promise<Agreement> {
  if (artefact.engine === 'keras') return compareKeras(runtime, model, bytes, pictures);
  if (reference === undefined || pictures === undefined)
    throw new InputError({ where: 'check', received: 'no pictures', expected: 'some' });
  const about = artefact.interfaceOf(model, settings);
  const inputs = { pictures, reference, channels: model.preprocessing?.channels ?? 3 };
  const found = await artefactAnswers(runtime, bytes, inputs, { ...about, engine: artefact.engine });
  const expected = about.softmax ? probabilitiesOf(model, reference) : reference.outputs;
  return agreementOf(found, expected, reference.classes);
}

async function compareKeras(
  runtime: Runtime,
  model: Model,
  bytes: Uint8Array,
  pictures: readonly Picture[] | undefined,
): Promise<Agreement> {
  const back = await readKeras(bytes, 'the written archive');
  if (pictures !== undefined) {
    const [found, expected] = [
      await layerAnswers(runtime, back, pictures),
      await layerAnswers(runtime, model, pictures),
    ];
    return agreementOf(found.outputs, expected.outputs, expected.classes);
  }
  const drawn = (name: string, length: number) => {
    const values = new Float32Array(length);
    createRandom(0).fork('export check', name).fill(values);
    return values;
  };
  const [found, expected] = [await answersTo(runtime, back, drawn), await answersTo(runtime, model, drawn)];
  return agreementOf(found, expected, expected.length);
}

function problemOf(
  { images, sameClass, relativeDifference, maxDifference }: Agreement,
  limits: CheckLimits,
): string | undefined {
  if (!(relativeDifference <= limits.relativeDifference))
    return `answers differ by up to ${digits(maxDifference)}, ${digits(relativeDifference)} of the largest (limit ${limits.relativeDifference})`;
  if (sameClass < limits.sameClass * images)
    return `${sameClass} of ${images} pictures keep their class (limit ${limits.sameClass * 100} %)`;
  return undefined;
}

/** A figure with two digits. */
export function digits(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(2) : 'more than any number';
}
