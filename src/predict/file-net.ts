import type { Runtime, Session } from '../runtime/session.js';

/** `real = scale · (stored − zeroPoint)`. */
export interface Scale {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** How a file's network takes pictures. */
export interface NetInput {
  readonly name: string;
  /**
   * `normalized`: as the preprocessing record makes them; `image`: uint8 [N, h, w, C] and `pixels`: floats 0..255, both
   * at the record's source size, normalized inside.
   */
  readonly kind: 'normalized' | 'image' | 'pixels';
  /** [N, H, W, C] instead of [N, C, H, W]. */
  readonly channelsLast: boolean;
  readonly dtype: 'float32' | 'uint8' | 'int8';
  /** Of integers that stand for normalized numbers. */
  readonly quantization?: Scale;
  /** [height, width], undefined where the file leaves it open. */
  readonly size: readonly [number, number] | undefined;
  readonly channels: 1 | 3;
}

/** What a file's network answers. */
export interface NetOutput {
  readonly name: string;
  /** Undefined where the file leaves it open. */
  readonly classes: number | undefined;
  /** Probabilities instead of logits. */
  readonly probabilities: boolean;
  readonly quantization?: Scale;
}

/** A classifier that exists as a network in a file, without the layers it once had. */
export interface FileNet {
  readonly name: string;
  readonly input: NetInput;
  readonly output: NetOutput;
  /** Pictures per run that the file demands; undefined for any number. */
  readonly batch: number | undefined;
  /**
   * Compiles it.
   * @param batch pictures per run that are wanted
   * @returns the session, and how many pictures it really takes at a time
   */
  open(runtime: Runtime, batch: number): Promise<OpenNet>;
}

/** A compiled {@link FileNet}. */
export interface OpenNet {
  readonly session: Session;
  readonly batch: number;
}
