import { GraphError } from '../../core/errors.js';
import { facePlanes } from '../../predict/planes.js';
import type { Runtime } from '../../runtime/session.js';
import { Batcher } from './batcher.js';
import { facesOf, type FaceFinder, type FoundFace, wholePicture } from './faces.js';
import type { Engine, FaceResult, Job, PictureResult, RunRecord, SentPicture } from './job.js';
import { Limiter } from './limiter.js';
import { Network } from './network.js';
import { checkPicture, decodePicture, failureOf } from './prepare.js';
import type { ServedModel } from './served-model.js';

/** What a replica is made of; plain data, so that it can travel to a thread. */
export interface ReplicaSettings {
  readonly models: readonly ServedModel[];
  /** Pictures of more pixels are refused by their header. */
  readonly maxPixels: number;
  /** Longest that a face waits for company, in milliseconds. */
  readonly batchWait: number;
  /** Threads of one session. */
  readonly sessionThreads: number;
}

/** What a replica tells, and what finds faces where a job asks for it. */
export interface ReplicaHooks {
  /** Is told about every run of a network. */
  readonly onRun?: (record: RunRecord) => void;
  /** Default Mien's own detector. */
  readonly finder?: FaceFinder;
}

interface Lane {
  readonly model: ServedModel;
  readonly network: Network;
  readonly batcher: Batcher<Float32Array, number[]>;
}

/**
 * A whole engine in one thread: decodes pictures, gathers the faces of all requests and runs them together.
 *
 * Memory is bounded: at most two batches of pictures are decoded or wait decoded, and those being decoded have
 * at most `maxPixels` pixels together.
 */
export class Replica implements Engine {
  private readonly lanes = new Map<string, Lane>();
  private readonly places: Limiter;
  private readonly decoders: Limiter;
  /** Pictures between arrival and their batch. */
  private preparing = 0;

  private constructor(
    private readonly settings: ReplicaSettings,
    private readonly finder: FaceFinder,
  ) {
    const largest = settings.models.flatMap(({ graphs }) => graphs.map(({ batchSize }) => batchSize));
    const places = 2 * Math.max(1, ...largest);
    this.places = new Limiter(places);
    this.decoders = new Limiter(places, settings.maxPixels);
  }

  /** Compiles the models. */
  static async open(
    runtime: Runtime,
    settings: ReplicaSettings,
    { onRun, finder = facesOf(runtime, settings.sessionThreads) }: ReplicaHooks = {},
  ): Promise<Replica> {
    const replica = new Replica(settings, finder);
    for (const model of settings.models) {
      const network = await Network.open(runtime, model, settings.sessionThreads);
      const batcher = new Batcher<Float32Array, number[]>({
        maxBatch: network.maxBatch,
        maxWait: settings.batchWait,
        moreComing: () => replica.preparing > 0,
        run: (faces) => timed(model.id, network, faces, onRun),
      });
      replica.lanes.set(model.id, { model, network, batcher });
    }
    return replica;
  }

  async answer(job: Job, signal?: AbortSignal): Promise<readonly PictureResult[]> {
    const lane = this.lane(job.model);
    this.preparing += job.pictures.length;
    return Promise.all(
      job.pictures.map((picture) =>
        this.answerOne(lane, picture, job.detect ? this.finder : wholePicture, signal),
      ),
    );
  }

  async close(): Promise<void> {
    for (const { network } of this.lanes.values()) await network.close();
    await this.finder.close?.();
  }

  private lane(id: string): Lane {
    const lane = this.lanes.get(id);
    if (lane !== undefined) return lane;
    const expected = [...this.lanes.keys()].join(', ');
    throw new GraphError({ where: 'model', received: `"${id}"`, expected });
  }

  /** A picture's failure is its result; only an abort throws. */
  private async answerOne(
    lane: Lane,
    sent: SentPicture,
    finder: FaceFinder,
    signal?: AbortSignal,
  ): Promise<PictureResult> {
    await this.places.enter();
    let arrived = false;
    const arrive = () => {
      if (!arrived) this.preparing--;
      arrived = true;
    };
    try {
      signal?.throwIfAborted();
      const { width, height, faces } = await this.prepare(lane, sent, finder);
      signal?.throwIfAborted();
      const planes = faces.map(({ crop }) => facePlanes(crop, lane.model.preprocessing));
      arrive();
      const answers = await Promise.all(planes.map((face) => lane.batcher.add(face)));
      return { width, height, faces: faces.map((face, i) => resultOf(face, answers[i] ?? [])) };
    } catch (error) {
      if (signal?.aborted === true) throw error;
      return { failure: failureOf(error, sent.where) };
    } finally {
      arrive();
      this.places.leave();
      lane.batcher.consider();
    }
  }

  private async prepare({ model }: Lane, sent: SentPicture, finder: FaceFinder) {
    const { maxPixels } = this.settings;
    const pixels = checkPicture(sent, maxPixels);
    await this.decoders.enter(pixels);
    try {
      const picture = await decodePicture(sent, maxPixels);
      const faces = await finder.find(picture, model.preprocessing);
      return { width: picture.width, height: picture.height, faces };
    } finally {
      this.decoders.leave(pixels);
    }
  }
}

function resultOf({ box, score }: FoundFace, probabilities: readonly number[]): FaceResult {
  return { box, score, probabilities };
}

async function timed(
  model: string,
  network: Network,
  faces: readonly Float32Array[],
  onRun?: (record: RunRecord) => void,
): Promise<number[][]> {
  const started = performance.now();
  const answers = await network.classify(faces);
  onRun?.({ model, faces: faces.length, seconds: (performance.now() - started) / 1000 });
  return answers;
}
