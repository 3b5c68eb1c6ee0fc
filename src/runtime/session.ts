import type { DType, Shape, Tensor } from '../core/tensor.js';

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

/** What enters or leaves a session, for files of other formats that must be asked. */
export interface Port {
  readonly name: string;
  /** Type of the tensors that {@link Session.run} takes or gives. */
  readonly dtype: DType;
  readonly shape: Shape;
  /** real = scale · (stored − zeroPoint), where the engine stores integers; undefined for real numbers. */
  readonly quantization?: { readonly scale: number; readonly zeroPoint: number } | undefined;
  /** Smallest and largest real value, where the file says. */
  readonly limits?: readonly [number, number] | undefined;
}

/** A session that can say what it takes and gives. */
export interface DescribedSession extends Session {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** An engine that runs compiled models of another format than ONNX: TensorFlow Lite files, Hailo executables. */
export interface DescribedRuntime {
  /** Name and version. */
  readonly name: string;
  /**
   * Loads a model.
   * @throws InputError when the engine refuses it
   */
  createSession(model: Uint8Array, options?: SessionOptions): Promise<DescribedSession>;
}
