import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { checkInteger, checkOneOf } from '../core/checks.js';
import { InputError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { writeNpyRows } from '../core/npy-file.js';
import { encodeNpy } from '../core/npy.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { bestOf } from '../core/rows.js';
import { deviceInput, normalizedPlanes } from '../data/device-input.js';
import { countsPerClass, imageAt, imageCount, type ImageSet } from '../data/images.js';
import { HAILO_ARCHITECTURES, type HailoArchitecture } from '../export/hailo/bundle/architectures.js';
import { formatChecksums } from '../export/hailo/bundle/checksums.js';
import { BUNDLE_FILES, BUNDLE_VERSION } from '../export/hailo/bundle/manifest.js';
import type { BundleManifest, CheckRecord } from '../export/hailo/bundle/manifest.js';
import { bundleReadme } from '../export/hailo/bundle/readme.js';
import { checkLevels, modelScript } from '../export/hailo/bundle/script.js';
import type { Model } from '../models/model.js';
import type { Runtime } from '../runtime/session.js';
import type { JobHooks } from './events.js';
import { chooseBundleImages, type BundleImages, type ChosenImages } from './hailo-bundle-images.js';
import { bundleModels, type BundleModels } from './hailo-bundle-models.js';
import { classMapOf } from './load-classes.js';
import { withRecords, type ModelRecords } from './model-records.js';
import { modelClasses, modelPreprocessing, openModel } from './model-source.js';
import { makeNewFolder } from './new-folder.js';
import { packageVersion } from './package.js';
import { settingsOfModel } from './run-settings.js';
import type { TrainSettings } from './settings.js';
import { sha256Of } from './sha256.js';

/** What {@link hailoBundleJob} writes. */
export interface HailoBundleOptions extends ModelRecords {
  /** A shipped model's name, a run folder, a `.keras` or `.h5` file. */
  readonly model: string;
  /** Data root or CSV file; for a run folder, by default, the data it was trained on. */
  readonly data?: string;
  /** A new or empty folder. */
  readonly out: string;
  /** Default `hailo8`. */
  readonly hwArch?: string;
  /** Calibration images; default 1024. */
  readonly images?: number;
  /** Images of the check; default 256. */
  readonly checkImages?: number;
  /** 0 to 4; default 1: equalization and bias correction, which need no GPU. */
  readonly optimizationLevel?: number;
  /** 0 to 5; default 0: no weights of 4 bits. */
  readonly compressionLevel?: number;
  /** Images per step of the calibration; default 8. */
  readonly calibrationBatch?: number;
  /** Fine-tune in the compiler; default false. */
  readonly finetune?: boolean;
  /** Nodes of the model whose layers keep 16 bits. */
  readonly a16w16?: readonly string[];
  /** Default 42. */
  readonly seed?: number;
  readonly cacheDir?: string;
  readonly runtime: Runtime;
}

/** What was written. */
export interface HailoBundle {
  readonly out: string;
  readonly manifest: BundleManifest;
  /** Training images left out because the same pixels are in validation or test. */
  readonly heldOut: number;
  /** Paths inside the folder. */
  readonly files: readonly string[];
}

/**
 * Writes one folder with everything that Hailo's Dataflow Compiler needs to make an executable of a model: the float
 * model as ONNX and TensorFlow Lite, calibration images, model script, records, check images with the float model's
 * logits, a README with the commands, checksums.
 *
 * @throws InputError when model, data or choices do not fit. Whatever fails, nothing is left behind
 * @example
 * await hailoBundleJob({ model: 'mien', data: 'fer2013', out: 'hailo8', runtime: ortNode() });
 */
export async function hailoBundleJob(
  options: HailoBundleOptions,
  hooks: JobHooks = {},
): Promise<HailoBundle> {
  const choices = resolveChoices(options);
  const model = withRecords(await openModel(options.model, '<model>'), options);
  const [preprocessing, classes] = [modelPreprocessing(model), modelClasses(model)];
  const models = bundleModels(model, options.a16w16 ?? []);
  const run = settingsOfModel(options.model);
  const { seed, images, checkImages } = choices;
  // A folder that is there is checked before pictures are read; a new one is made when nothing is refused any more.
  if (existsSync(options.out)) makeNewFolder('--out', options.out);
  const chosen = await chooseBundleImages(
    {
      ...{ data: dataOf(options, run), classes, map: classMapOf(model.origin), preprocessing, run },
      ...{ cacheDir: options.cacheDir, images, checkImages, seed },
    },
    hooks,
  );
  const bundle = { options, choices, model, models, preprocessing, classes, hooks };
  return { ...(await writeWhole(bundle, chosen)), heldOut: chosen.heldOut };
}

/** Writes all files or none: where a step fails, the folder is as it was. */
async function writeWhole(
  bundle: Bundle,
  { calibration, check: images }: BundleImages,
): Promise<Omit<HailoBundle, 'heldOut'>> {
  const { out } = bundle.options;
  const first = mkdirIfMissing(out);
  try {
    const check = await writeCheck(bundle, images);
    const manifest = manifestOf(bundle, calibration, check);
    writeParts(bundle, calibration, manifest);
    return { out, manifest, files: writeChecksums(out) };
  } catch (error) {
    for (const name of readdirSync(out)) rmSync(join(out, name), { recursive: true, force: true });
    if (first !== undefined) rmSync(first, { recursive: true, force: true });
    throw error;
  }
}

/** Makes the folder, which holds nothing; the first folder of its path that was not there before. */
function mkdirIfMissing(out: string): string | undefined {
  let first: string | undefined;
  for (let path = resolve(out); !existsSync(path); path = dirname(path)) first = path;
  makeNewFolder('--out', out);
  return first;
}

/** Options with their defaults, checked. */
function resolveChoices(options: HailoBundleOptions) {
  const { images = 1024, optimizationLevel = 1, compressionLevel = 0, finetune = false } = options;
  const architecture: HailoArchitecture = checkOneOf(
    '--hw-arch',
    options.hwArch ?? 'hailo8',
    HAILO_ARCHITECTURES,
  );
  checkLevels({ images, optimizationLevel, compressionLevel, finetune });
  const checkImages = checkInteger('--check-images', options.checkImages ?? 256, 1, 65_536);
  const batchSize = checkInteger('--calibration-batch', options.calibrationBatch ?? 8, 1, images);
  const script = { optimizationLevel, compressionLevel, batchSize, finetune };
  return { architecture, images, checkImages, script, seed: options.seed ?? 42 };
}

function dataOf({ data, model }: HailoBundleOptions, run: TrainSettings | undefined): string {
  const found = data ?? run?.data;
  if (found !== undefined) return found;
  throw new InputError({
    where: '--data',
    received: `nothing, and the model "${model}" is no run folder that names its own`,
    expected: 'the data the model was trained on, for calibration',
  });
}

/** Everything that the writers need. */
interface Bundle {
  readonly options: HailoBundleOptions;
  readonly choices: ReturnType<typeof resolveChoices>;
  readonly model: Model;
  readonly models: BundleModels;
  readonly preprocessing: Preprocessing;
  readonly classes: readonly string[];
  readonly hooks: JobHooks;
}

/** The network's name inside the compiler: letters, digits and underscores, not a digit first. */
export function networkName(model: string): string {
  const base = basename(resolve(model)).replace(/\.(keras|h5|hdf5)$/i, '');
  const name = base.replaceAll(/\W+/g, '_').replace(/^(?=\d)/, 'net_');
  return name.replaceAll('_', '') === '' ? 'model' : name;
}

/** Writes the check images and what the float model answers; returns how many are right. */
async function writeCheck(bundle: Bundle, { set, split }: ChosenImages): Promise<BundleManifest['check']> {
  const { options, preprocessing, classes, hooks, models } = bundle;
  const [path, count] = [(file: string) => join(options.out, file), imageCount(set)];
  const shape = [count, ...preprocessing.inputSize, preprocessing.channels];
  writeNpyRows(path(BUNDLE_FILES.checkImages), '|u1', shape, inputsOf(set, preprocessing));
  const logits = await floatLogits(options.runtime, models, inputsOf(set, preprocessing), (done) =>
    hooks.onEvent?.({ kind: 'working', what: 'running the float model', done, total: count }),
  );
  const file = encodeNpy({ dtype: '<f4', shape: [count, classes.length], data: logits });
  writeFileAtomic(path(BUNDLE_FILES.checkLogits), file);
  const labels = [...set.labels];
  const record: CheckRecord = { version: 1, split, classes, names: set.names, labels };
  writeFileAtomic(path(BUNDLE_FILES.check), `${JSON.stringify(record, null, 2)}\n`);
  const right = labels.filter((label, i) => label === bestOf(logits, i, classes.length)).length;
  return { images: count, split, accuracy: count === 0 ? 0 : right / count };
}

/** Logits by the very ONNX file of the bundle, from the rounded pictures that the device will get. */
async function floatLogits(
  runtime: Runtime,
  { onnx, input, preprocessing }: BundleModels,
  pictures: Iterable<Uint8Array>,
  onProgress: (done: number) => void,
): Promise<Float32Array> {
  const session = await runtime.createSession(onnx);
  const rows: Float32Array[] = [];
  try {
    for (const pixels of pictures) {
      const data = normalizedPlanes(pixels, preprocessing);
      const outputs = await session.run({ [input.name]: { dtype: 'float32', shape: input.shape, data } });
      rows.push(...Object.values(outputs).map((tensor) => Float32Array.from(tensor.data as Float32Array)));
      onProgress(rows.length);
    }
  } finally {
    await session.close();
  }
  return Float32Array.from(rows.flatMap((row) => [...row]));
}

function* inputsOf(set: ImageSet, preprocessing: Preprocessing): Generator<Uint8Array> {
  for (let i = 0; i < imageCount(set); i++) yield deviceInput(imageAt(set, i), preprocessing);
}

function manifestOf(bundle: Bundle, calibration: ImageSet, check: BundleManifest['check']): BundleManifest {
  const { options, choices, preprocessing, classes, models } = bundle;
  const counts = countsPerClass(calibration);
  return {
    ...{ format: 'mien-hailo-bundle', version: BUNDLE_VERSION, mien: packageVersion() },
    ...{ name: networkName(options.model), source: options.model, architecture: choices.architecture },
    input: [...preprocessing.inputSize, preprocessing.channels],
    ...{ classes, nodes: models.nodes },
    calibration: {
      ...{ images: imageCount(calibration), seed: choices.seed },
      perClass: Object.fromEntries(calibration.classes.map((name, i) => [name, counts[i] ?? 0])),
    },
    ...{ script: choices.script, a16w16: options.a16w16 ?? [], check },
  };
}

function writeParts(bundle: Bundle, calibration: ImageSet, manifest: BundleManifest): void {
  const { options, choices, preprocessing, classes, models } = bundle;
  const write = (file: string, content: string | Uint8Array) =>
    writeFileAtomic(join(options.out, file), content);
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const script = { ...choices.script, preprocessing, images: choices.images };
  const fallback = { ...script, optimizationLevel: 0, compressionLevel: 0, finetune: false };
  write(BUNDLE_FILES.onnx, models.onnx);
  write(BUNDLE_FILES.tflite, models.tflite);
  const shape = [imageCount(calibration), ...manifest.input];
  const calibrationPath = join(options.out, BUNDLE_FILES.calibration);
  writeNpyRows(calibrationPath, '|u1', shape, inputsOf(calibration, preprocessing));
  write(BUNDLE_FILES.calibrationNames, calibration.names.map((name) => `${name}\n`).join(''));
  write(BUNDLE_FILES.script, modelScript(script));
  write(BUNDLE_FILES.fallbackScript, modelScript(fallback));
  write(BUNDLE_FILES.labels, json(classes));
  write(BUNDLE_FILES.preprocessing, json(preprocessing));
  write(BUNDLE_FILES.manifest, json(manifest));
  write(BUNDLE_FILES.readme, bundleReadme(manifest, preprocessing));
}

/** Written last: a bundle with checksums is whole. */
function writeChecksums(out: string): string[] {
  const { checksums, ...others } = BUNDLE_FILES;
  const files = Object.values(others);
  const digests = new Map(files.map((file) => [file, sha256Of(join(out, file))]));
  writeFileAtomic(join(out, checksums), formatChecksums(digests));
  return [...files, checksums];
}
