import { messageOf } from '../../core/errors.js';
import { readPictureHeader } from '../../data/picture-header.js';
import { EngineThread } from './engine-thread.js';
import type { Engine, Job, PictureResult, RunRecord } from './job.js';
import type { ReplicaSettings } from './replica.js';

/** What a pool tells its owner. */
export interface PoolHooks {
  readonly onRun?: (record: RunRecord) => void;
  /** A thread ended by itself and is started again. */
  readonly onCrash?: (error: Error) => void;
  /** For sources, whose compiled worker lies elsewhere. */
  readonly workerUrl?: URL;
}

interface Member {
  engine: Engine;
  load: number;
}

/** A megapixel to decode and shrink costs about as much as so many small faces. */
const FACES_PER_MEGAPIXEL = 30;
/** A thread that ends again within this time, in milliseconds, is not started a third time. */
const CRASH_LOOP = 10_000;

/** Several engine threads; a job goes to the one with the least to do. */
export class Pool implements Engine {
  private readonly members: Member[] = [];
  private closing = false;

  private constructor(
    private readonly settings: ReplicaSettings,
    private readonly hooks: PoolHooks,
  ) {}

  static async open(settings: ReplicaSettings, threads: number, hooks: PoolHooks = {}): Promise<Pool> {
    const pool = new Pool(settings, hooks);
    const engines = await Promise.all(Array.from({ length: threads }, () => pool.start()));
    pool.members.push(...engines.map((engine) => ({ engine, load: 0 })));
    return pool;
  }

  /** Threads that work. */
  get size(): number {
    return this.members.length;
  }

  async answer(job: Job, signal?: AbortSignal): Promise<readonly PictureResult[]> {
    const [first, ...others] = this.members;
    if (first === undefined) throw new Error('no engine thread is left');
    const member = others.reduce((least, other) => (other.load < least.load ? other : least), first);
    const cost = costOf(job);
    member.load += cost;
    try {
      return await member.engine.answer(job, signal);
    } finally {
      member.load -= cost;
    }
  }

  async close(): Promise<void> {
    this.closing = true;
    await Promise.all(this.members.map(({ engine }) => engine.close()));
  }

  /** Asked anew after every pause: a field that was false before it is taken to be false still. */
  private isClosing(): boolean {
    return this.closing;
  }

  private start(): Promise<EngineThread> {
    const { onRun, workerUrl } = this.hooks;
    const started = performance.now();
    let thread: EngineThread | undefined;
    const onCrash = (error: Error) => void this.replace(thread, error, started);
    return EngineThread.open(this.settings, { onRun, onCrash }, workerUrl).then(
      (opened) => (thread = opened),
    );
  }

  private async replace(dead: Engine | undefined, error: Error, started: number): Promise<void> {
    this.hooks.onCrash?.(error);
    const index = this.members.findIndex(({ engine }) => engine === dead);
    if (index < 0) return;
    this.members.splice(index, 1);
    if (this.closing || performance.now() - started < CRASH_LOOP) return;
    try {
      const engine = await this.start();
      // The server may have been told to end meanwhile; it closed only what was there then.
      if (this.isClosing()) await engine.close();
      else this.members.push({ engine, load: 0 });
    } catch (again) {
      this.hooks.onCrash?.(again instanceof Error ? again : new Error(messageOf(again)));
    }
  }
}

function costOf({ pictures }: Job): number {
  return pictures.reduce((sum, { bytes }) => {
    const { width, height } = readPictureHeader(bytes) ?? { width: 0, height: 0 };
    return sum + 1 + (FACES_PER_MEGAPIXEL * width * height) / 1e6;
  }, 0);
}
