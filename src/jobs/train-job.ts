import { writeFileAtomic } from '../core/files.js';
import { shareImages, type BatchSource, type PrefetchOptions } from '../data/prefetch.js';
import type { BatchPlan } from '../data/batches.js';
import { countLabels, type ImageSet } from '../data/images.js';
import { samplingTable } from '../data/sampling.js';
import { renderPng } from '../evaluate/charts/render.js';
import { trainingCurvesChart } from '../evaluate/charts/training-curves.js';
import type { Evaluation } from '../evaluate/evaluation.js';
import { saveKeras } from '../export/keras/archive.js';
import { blockProbeModel } from '../lower/probe-model.js';
import type { Model, Weights } from '../models/model.js';
import type { WeightSearch } from '../models/weights/load.js';
import { probeBlock } from '../runtime/probe.js';
import type { Runtime } from '../runtime/session.js';
import { loadCheckpoint, saveCheckpoint } from '../train/checkpoint.js';
import { openCsvLog, readCsvLog } from '../train/log/csv-log.js';
import { createEventWriter } from '../train/log/tfevents.js';
import {
  samplingOf,
  type FitOptions,
  type Teaching,
  type TrainerHooks,
  type TrainingSplit,
} from '../train/fit-options.js';
import { fit } from '../train/trainer.js';
import type { TrainingState } from '../train/training-state.js';
import { answeringOf, withPresentClasses } from './auxiliary.js';
import { calibrationOf } from './calibrate.js';
import { evaluateRun } from './evaluate-run.js';
import type { JobHooks } from './events.js';
import { excludedFrom } from './exclude.js';
import { loadTraining } from './load-training.js';
import { relabelledBy } from './relabel.js';
import { createRunFolder, openRunFolder, readArgs, type RunFolder } from './run-folder.js';
import { fingerprint, formatSettings, parseSettings, type TrainSettings, type Versions } from './settings.js';
import { answerable, leaveOut, splitImages } from './split-images.js';
import { teachingOf } from './same-view.js';
import { prepareLabels } from './soft-labels.js';
import type { StartingModel } from './start-parts.js';
import { startingModel, trainingGraph } from './starting-model.js';

/** What a training job needs beside its settings; none of it changes the result. */
export interface TrainEnvironment {
  readonly runtime: Runtime;
  readonly versions: Versions;
  /** Folder of the new run; or the run to go on with, when `resume`. */
  readonly out: string;
  readonly resume?: boolean;
  /** Stops and saves after so many epochs of all stages together, as if asked to; by default at the end. */
  readonly untilEpoch?: number;
  /** Whether a finished training is measured on the test part too; default true. */
  readonly test?: boolean;
  /** Where decoded images are kept between runs. */
  readonly cacheDir?: string;
  readonly weightSearch: WeightSearch;
  /** Opens a source of batches: `prefetchBatches`, or `inlineBatches` without a thread. */
  openBatches(images: ImageSet, plan: BatchPlan, options: PrefetchOptions): Promise<BatchSource>;
}

/** What a training job leaves. */
export interface TrainOutcome {
  readonly finished: boolean;
  readonly folder: RunFolder;
  /** Evaluations by split, once finished. */
  readonly evaluations: Readonly<Record<string, Evaluation>>;
}

/**
 * Trains a model into a run folder and evaluates it.
 *
 * @param settings decides the result; when resuming, the run's own `args.yaml` is taken instead
 * @throws InputError naming what is wrong with data, weights, folder or loss
 */
export async function trainJob(
  settings: TrainSettings | undefined,
  environment: TrainEnvironment,
  hooks: JobHooks = {},
): Promise<TrainOutcome> {
  const resumed = settings === undefined || environment.resume === true;
  const folder = resumed ? openRunFolder(environment.out) : undefined;
  const chosen = folder === undefined ? settings : parseSettings(readArgs(folder), folder.args);
  return (await TrainJob.open(chosen as TrainSettings, environment, hooks, folder)).run();
}

class TrainJob {
  private constructor(
    private readonly settings: TrainSettings,
    private readonly environment: TrainEnvironment,
    private readonly hooks: JobHooks,
    private readonly images: ImageSet,
    private readonly split: TrainingSplit,
    private readonly start: StartingModel,
    private readonly folder: RunFolder,
    private readonly resume: TrainingState | undefined,
    private readonly print: string,
    private readonly softLabels: Float32Array | undefined,
    private readonly teaching: Teaching | undefined,
  ) {}

  static async open(
    given: TrainSettings,
    environment: TrainEnvironment,
    hooks: JobHooks,
    existing: RunFolder | undefined,
  ): Promise<TrainJob> {
    const wanted = withPresentClasses(given);
    const open = (chosen: TrainSettings) => startingModel(chosen, environment.weightSearch);
    // A model to go on from decides how pictures are read; weights, which may have to be downloaded, do not.
    const continued = wanted.from === undefined ? undefined : await open(wanted);
    const settings = continued?.settings ?? wanted;
    const loaded = shareImages(await loadTraining(settings, environment.cacheDir, hooks));
    const start = continued ?? (await open(settings));
    const relabelled = relabelledBy(settings, loaded, hooks);
    const images = relabelled?.images ?? loaded;
    const divided = answerable(splitImages(loaded, settings.recipe, settings.seed, hooks), images, settings);
    const labels = await labelsOf(settings, images, environment, hooks);
    const excluded = excludedFrom(settings, images, hooks);
    const left = [labels?.notAFace, excluded?.images, relabelled?.left].flatMap((some) => some ?? []);
    const split = leaveOut(divided, left);
    const print = fingerprint(settings, images.pixels, excluded?.names, relabelled?.lines);
    // Nothing is written before everything that could be wrong has been read.
    const resume = existing === undefined ? undefined : loadCheckpoint(existing.checkpoint, print);
    const teaching = await teachingOf(settings.recipe, images, environment.runtime);
    try {
      const folder = existing ?? beginFolder(settings, environment);
      return new TrainJob(
        settings,
        environment,
        hooks,
        images,
        split,
        start,
        folder,
        resume,
        print,
        labels?.rows,
        teaching,
      );
    } catch (error) {
      await teaching?.close();
      throw error;
    }
  }

  async run(): Promise<TrainOutcome> {
    const { folder } = this;
    const result = await this.train();
    if (!result.finished) return { finished: false, folder, evaluations: {} };
    const trained = await this.calibrated({ ...this.answeringModel(), weights: result.weights });
    await saveKeras(folder.best, trained);
    await saveKeras(folder.last, trained);
    return { finished: true, folder, evaluations: await this.evaluate(trained) };
  }

  /** Trains until the end or until asked to stop; teachers and logs are closed in any case. */
  private async train(): ReturnType<typeof fit> {
    try {
      this.describe();
      const logs = this.openLogs();
      try {
        const result = await fit(await this.fitOptions(logs));
        await Promise.all(this.pending);
        return result;
      } finally {
        logs.close();
      }
    } finally {
      await this.teaching?.close();
    }
  }

  private async fitOptions(logs: ReturnType<TrainJob['openLogs']>): Promise<FitOptions> {
    const { environment, settings, images, split, softLabels, teaching, resume } = this;
    const { model, headStart } = this.start;
    const answering = answeringOf(settings);
    return {
      runtime: environment.runtime,
      block: settings.fast ? await probeBlock(environment.runtime, blockProbeModel()) : undefined,
      graphOf: (inputSize) => trainingGraph(settings, model, inputSize),
      weights: model.weights,
      ...(answering === undefined ? {} : { answering }),
      headStart,
      preprocessing: model.preprocessing,
      images,
      split,
      ...(softLabels === undefined ? {} : { softLabels }),
      ...(teaching === undefined ? {} : { teaching }),
      recipe: settings.recipe,
      seed: settings.seed,
      openBatches: (set, plan, options) => environment.openBatches(set, plan, options),
      ...(resume === undefined ? {} : { resume }),
      hooks: this.fitHooks(logs),
    };
  }

  /** Saves what is worth it, writes the logs, tells the caller. */
  private fitHooks(logs: ReturnType<TrainJob['openLogs']>): TrainerHooks {
    const { environment, folder, resume } = this;
    let best = false;
    let epoch = resume === undefined ? 0 : resume.epochsBefore + resume.epoch;
    return {
      onProgress: (state) => this.hooks.onEvent?.({ kind: 'progress', state }),
      onBest: (weights) => {
        best = true;
        const saving = this.save(folder.best, weights);
        // A failure is thrown where all are awaited; before that another one may end the training.
        saving.catch(() => undefined);
        this.pending.push(saving);
      },
      onEpoch: (record) => {
        epoch = record.epoch;
        logs.append(record);
        this.hooks.onEvent?.({ kind: 'epoch', record, best });
        best = false;
      },
      onCheckpoint: (state) => saveCheckpoint(folder.checkpoint, state, this.print),
      shouldStop: () => this.hooks.shouldStop?.() === true || epoch >= (environment.untilEpoch ?? Infinity),
    };
  }

  /** The trained model, with a temperature where the recipe wants one and images were held out. */
  private async calibrated(model: Model): Promise<Model> {
    const { environment, settings, images, split } = this;
    if (settings.recipe.temperatureScaling !== true || split.validation.length === 0) return model;
    const answered = { ...images, classes: settings.classes };
    const calibration = await calibrationOf(environment.runtime, model, answered, split.validation);
    return { ...model, calibration };
  }

  private readonly pending: Promise<void>[] = [];

  private describe(): void {
    const { images, split, settings } = this;
    const { indices, counts, classWeights } = samplingOf({ ...settings, images, split });
    const labels = Int32Array.from(indices, (image) => images.labels[image] ?? 0);
    const sampled = countLabels(labels, images.classes.length);
    const weights = classWeights === undefined ? {} : { weights: classWeights };
    this.note(samplingTable({ classes: images.classes, counts, sampled, ...weights }));
    this.note(`${split.train.length} images train, ${split.validation.length} validate`);
  }

  private note(text: string): void {
    this.hooks.onEvent?.({ kind: 'note', text });
  }

  private openLogs() {
    const { folder, resume } = this;
    const resumedEpoch = resume === undefined ? 0 : resume.epochsBefore + resume.epoch;
    const csv = openCsvLog(folder.results, { resumedEpoch });
    const events = createEventWriter(folder.root, resume === undefined ? {} : { resumeStep: resumedEpoch });
    return {
      append: (record: Parameters<typeof csv.append>[0]) => {
        csv.append(record);
        events.scalars(record.epoch, scalarsOf(record));
        events.flush();
        const curves = trainingCurvesChart(readCsvLog(folder.results), this.settings.recipe.name);
        writeFileAtomic(folder.curves, renderPng(curves));
      },
      close: () => events.close(),
    };
  }

  /** The starting model as it is kept: without auxiliary classes. */
  private answeringModel(): StartingModel['model'] {
    const { model } = this.start;
    const answering = answeringOf(this.settings);
    return answering === undefined ? model : { ...model, graph: answering.graph(model.graph) };
  }

  private save(path: string, weights: Weights): Promise<void> {
    return saveKeras(path, { ...this.answeringModel(), weights });
  }

  private evaluate(model: Model): Promise<Record<string, Evaluation>> {
    const { settings, environment, images, split, folder, hooks } = this;
    return evaluateRun({ settings, environment, images, split, folder, model, hooks });
  }
}

/** The folder of a new run with its settings. */
function beginFolder(settings: TrainSettings, { out, versions }: TrainEnvironment): RunFolder {
  const folder = createRunFolder(out);
  writeFileAtomic(folder.args, formatSettings(settings, versions));
  return folder;
}

async function labelsOf(
  { recipe, map }: TrainSettings,
  images: ImageSet,
  { runtime }: TrainEnvironment,
  hooks: JobHooks,
) {
  return recipe.softLabels && prepareLabels(recipe.softLabels, images, runtime, hooks, map);
}

function scalarsOf(record: Parameters<ReturnType<typeof openCsvLog>['append']>[0]): Record<string, number> {
  const { epoch: _epoch, stage: _stage, ...figures } = record;
  const known = Object.entries(figures).filter((entry): entry is [string, number] => entry[1] !== null);
  return Object.fromEntries(known);
}
