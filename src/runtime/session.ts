import type { Tensor } from '../core/tensor.js';

/** Named tensors that enter or leave a session. */
export type Feeds = Readonly<Record<string, Tensor>>;

/** A compiled graph that can be run many times. */
export interface Session {
  /**
   * Computes outputs. Runs block the calling JavaScript thread in Node; train in a worker thread.
   *
   * @param feeds one tensor per graph input
   * @param into output tensors to fill in place, by name; other outputs are returned in fresh tensors
   */
  run(feeds: Feeds, into?: Feeds): Promise<Record<string, Tensor>>;
  /** Frees native memory; the session cannot be used afterwards. */
  close(): Promise<void>;
}

/** Options of {@link Runtime.createSession}. */
export interface SessionOptions {
  /** Threads inside one operator; default: the runtime's own choice. */
  readonly threads?: number;
  /** False runs the graph node by node as it stands, nothing fused: slower, and a reference. Default true. */
  readonly optimize?: boolean;
}

/** An engine that runs ONNX models. */
export interface Runtime {
  /** Name and version, e.g. `onnxruntime-node 1.30.0`. */
  readonly name: string;
  /**
   * Compiles a model.
   * @throws InputError when the engine refuses it
   */
  createSession(model: Uint8Array, options?: SessionOptions): Promise<Session>;
}
