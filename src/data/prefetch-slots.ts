import { at } from '../core/checks.js';
import { GraphError, InputError, MienError, type Problem, messageOf } from '../core/errors.js';
import { type Batch, type BatchShape, allocateBatch, batchBytes } from './batches-layout.js';

/**
 * A ring of batches in shared memory, written by one thread and read by another. The state of each slot moves
 * free → ready → free; `failed` and `closed` are final. Waiting is done on the state itself, so that a change
 * between a look and a wait is never missed.
 */
export interface SlotMemory {
  readonly shape: BatchShape;
  readonly states: SharedArrayBuffer;
  readonly batches: readonly SharedArrayBuffer[];
  /** Room for one error as JSON, ended by a zero byte. */
  readonly failure: SharedArrayBuffer;
}

/** One thread's view of a {@link SlotMemory}. */
export interface Slots {
  readonly states: Int32Array;
  readonly batches: readonly Batch[];
  readonly failure: Uint8Array;
}

const free = 0;
const ready = 1;
const failed = 2;
const closed = 3;

const failureBytes = 8192;

/** Allocates a ring of `depth` slots. */
export function createSlots(shape: BatchShape, depth: number): SlotMemory {
  return {
    shape,
    states: new SharedArrayBuffer(4 * depth),
    batches: Array.from({ length: depth }, () => new SharedArrayBuffer(batchBytes(shape))),
    failure: new SharedArrayBuffer(failureBytes),
  };
}

/** Opens a ring in this thread. */
export function openSlots(memory: SlotMemory): Slots {
  return {
    states: new Int32Array(memory.states),
    batches: memory.batches.map((buffer) => allocateBatch(memory.shape, memory.shape.batchSize, buffer)),
    failure: new Uint8Array(memory.failure),
  };
}

/** Producer: blocks until slot `slot` may be written; false when the ring has ended. */
export function waitUntilFree({ states }: Slots, slot: number): boolean {
  for (;;) {
    const state = Atomics.load(states, slot);
    if (state === free) return true;
    if (state === closed || state === failed) return false;
    Atomics.wait(states, slot, state);
  }
}

/** Producer: hands a written slot over, unless the ring has been closed meanwhile. */
export function publish({ states }: Slots, slot: number): void {
  Atomics.compareExchange(states, slot, free, ready);
  Atomics.notify(states, slot);
}

/** Either side: records an error and ends the ring; batches that are ready can still be taken. */
export function failSlots({ states, failure }: Slots, thrown: unknown): void {
  writeFailure(failure, thrown);
  for (let slot = 0; slot < states.length; slot++) {
    Atomics.compareExchange(states, slot, free, failed);
    Atomics.notify(states, slot);
  }
}

/** Consumer: ends the ring. */
export function closeSlots({ states }: Slots): void {
  for (let slot = 0; slot < states.length; slot++) {
    Atomics.store(states, slot, closed);
    Atomics.notify(states, slot);
  }
}

/**
 * Consumer: copies slot `slot` into `out` and frees it; false when it is still being written.
 * @throws MienError the producer's own error; GraphError when the ring is closed.
 */
export function tryTake({ states, batches, failure }: Slots, slot: number, out: Batch): boolean {
  const state = Atomics.load(states, slot);
  if (state === failed) throw readFailure(failure);
  if (state === closed) throw misuse('a call after close', 'an open source');
  if (state === free) return false;
  const { x, y, weight } = at(batches, slot);
  out.x.set(x);
  out.y.set(y);
  out.weight.set(weight);
  Atomics.compareExchange(states, slot, ready, free);
  Atomics.notify(states, slot);
  return true;
}

/** Consumer: blocks this thread while slot `slot` is being written, at most `seconds`; false when time is up. */
export function waitWhileFree({ states }: Slots, slot: number, seconds: number): boolean {
  return Atomics.wait(states, slot, free, 1000 * seconds) !== 'timed-out';
}

/** Consumer: the same without blocking the thread. */
export async function waitWhileFreeAsync({ states }: Slots, slot: number, seconds: number): Promise<boolean> {
  const { waitAsync } = Atomics as { waitAsync?: WaitAsync };
  if (waitAsync === undefined) return pollWhileFree(states, slot, seconds);
  return (await waitAsync(states, slot, free, 1000 * seconds).value) !== 'timed-out';
}

/** `Atomics.waitAsync` of ES2024, which the compiler's ES2023 library lacks. */
type WaitAsync = (
  states: Int32Array,
  index: number,
  value: number,
  milliseconds: number,
) => { readonly value: string | Promise<string> };

async function pollWhileFree(states: Int32Array, slot: number, seconds: number): Promise<boolean> {
  const end = performance.now() + 1000 * seconds;
  while (Atomics.load(states, slot) === free) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return true;
}

/** An error as plain data that survives a thread boundary. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly problem?: Problem;
}

/** Describes anything thrown as plain data. */
export function describeFailure(thrown: unknown): Failure {
  const name = thrown instanceof Error ? thrown.name : 'Error';
  const message = messageOf(thrown);
  return thrown instanceof MienError ? { name, message, problem: thrown.problem } : { name, message };
}

/** Rebuilds an error with its class and its sentence. */
export function restoreFailure({ name, message, problem }: Failure): Error {
  if (problem === undefined) return new Error(`batch worker: ${message}`);
  if (name === 'InputError') return new InputError(problem);
  return name === 'GraphError' ? new GraphError(problem) : new MienError(problem);
}

function writeFailure(room: Uint8Array, thrown: unknown): void {
  if (room[0] !== 0) return;
  const bytes = new TextEncoder().encode(JSON.stringify(describeFailure(thrown)));
  const fits = bytes.length < room.length;
  // A text that does not fit would be broken JSON: keep the start of the message instead.
  const kept = fits ? bytes : new TextEncoder().encode(JSON.stringify(shortened(thrown)));
  room.set(kept.subarray(0, room.length - 1));
}

function shortened(thrown: unknown): Failure {
  return { name: 'Error', message: messageOf(thrown).slice(0, 1000) };
}

function readFailure(room: Uint8Array): Error {
  const text = new TextDecoder().decode(room.slice(0, Math.max(0, room.indexOf(0))));
  return restoreFailure(JSON.parse(text) as Failure);
}

function misuse(received: string, expected: string): GraphError {
  return new GraphError({ where: 'batch source', received, expected });
}
