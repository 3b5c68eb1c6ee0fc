import { GraphError } from '../../core/errors.js';
import { sizeOf } from '../../core/tensor.js';
import type { Runtime, Session } from '../../runtime/session.js';
import type { ServedModel } from './served-model.js';

/** A model's compiled sessions, one per batch size. */
export class Network {
  private constructor(
    private readonly model: ServedModel,
    private readonly sessions: readonly { readonly batchSize: number; readonly session: Session }[],
  ) {}

  /** Compiles every batch size and runs each once, so that the first request does not pay for it. */
  static async open(runtime: Runtime, model: ServedModel, threads: number): Promise<Network> {
    const sessions = [];
    for (const { batchSize, bytes } of model.graphs) {
      sessions.push({ batchSize, session: await runtime.createSession(bytes, { threads }) });
    }
    const network = new Network(model, sessions);
    for (const { batchSize } of sessions) await network.classify(network.blanks(batchSize));
    return network;
  }

  /** Most faces in one run. */
  get maxBatch(): number {
    return this.sessions.at(-1)?.batchSize ?? 1;
  }

  /**
   * Class probabilities of at most {@link maxBatch} pictures in one run, by the smallest session that holds them.
   * @param faces each `[C, h, w]`, pixels 0..255
   */
  async classify(faces: readonly Float32Array[]): Promise<number[][]> {
    const { batchSize, session } = this.sessionFor(faces.length);
    const { pictureShape, classes } = this.model;
    const length = sizeOf(pictureShape);
    const data = new Float32Array(batchSize * length);
    faces.forEach((planes, row) => data.set(planes, row * length));
    const x = { dtype: 'float32', shape: [batchSize, ...pictureShape], data } as const;
    const { probabilities } = await session.run({ x });
    const rows = Array.from(probabilities?.data as Float32Array);
    return faces.map((_, row) => rows.slice(row * classes.length, (row + 1) * classes.length));
  }

  async close(): Promise<void> {
    for (const { session } of this.sessions) await session.close();
  }

  private sessionFor(faces: number) {
    const found = this.sessions.find(({ batchSize }) => batchSize >= faces);
    if (found !== undefined) return found;
    const expected = `at most ${this.maxBatch}`;
    throw new GraphError({ where: `model "${this.model.id}"`, received: `${faces} faces`, expected });
  }

  private blanks(count: number): Float32Array[] {
    return Array.from({ length: count }, () => new Float32Array(sizeOf(this.model.pictureShape)));
  }
}
