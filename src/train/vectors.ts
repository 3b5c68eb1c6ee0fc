import { float32, type Tensor } from '../core/tensor.js';
import { GraphError } from '../core/errors.js';
import type { Feeds } from '../runtime/session.js';

/**
 * State vectors of a training step in two sets: one is read while the other is written, then they change
 * places, so that nothing is allocated per step.
 */
export class StateVectors {
  private current: Map<string, Float32Array>;
  private next: Map<string, Float32Array>;

  /** @param initial values by name; the arrays are taken over */
  constructor(initial: ReadonlyMap<string, Float32Array>) {
    this.current = new Map(initial);
    this.next = new Map([...initial].map(([name, data]) => [name, new Float32Array(data.length)]));
  }

  /** Inputs of a step. */
  feeds(): Feeds {
    return tensors(this.current, (name) => name);
  }

  /** Where the step writes its outputs. */
  targets(): Feeds {
    return tensors(this.next, (name) => `next_${name}`);
  }

  /** After a step: what was written becomes current. */
  swap(): void {
    [this.current, this.next] = [this.next, this.current];
  }

  /** A current vector; valid until the next step. @throws GraphError on an unknown name */
  get(name: string): Float32Array {
    const vector = this.current.get(name);
    if (vector !== undefined) return vector;
    throw new GraphError({
      where: 'training state',
      received: `the name "${name}"`,
      expected: [...this.current.keys()].join(', '),
    });
  }

  get names(): readonly string[] {
    return [...this.current.keys()];
  }
}

function tensors(
  vectors: ReadonlyMap<string, Float32Array>,
  rename: (name: string) => string,
): Record<string, Tensor> {
  return Object.fromEntries([...vectors].map(([name, data]) => [rename(name), float32(data, [data.length])]));
}
