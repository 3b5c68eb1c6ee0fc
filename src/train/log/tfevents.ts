import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { checkInteger } from '../../core/checks.js';
import { encodeEvent, frameRecord, type LogEvent } from './event-record.js';
import { writing } from './writing.js';

/** Appends scalars to a TensorBoard log; what was written survives the death of the process. */
export interface EventWriter {
  /** Path of the event file. */
  readonly path: string;
  /** Logs values at a step: tag to value, e.g. `{ 'loss/train': 0.7 }`. NaN and infinity are kept. */
  scalars(step: number, values: Readonly<Record<string, number>>): void;
  /** Waits until everything is on the disk. */
  flush(): void;
  close(): void;
}

/** How an event file is named and started. */
export interface EventWriterOptions {
  /** Names the machine in the file's name; letters other than `A-Z a-z 0-9 . -` become `-`. */
  readonly host?: string;
  /** Milliseconds since 1970, as `Date.now`. */
  readonly now?: () => number;
  /** First step of a resumed run: TensorBoard then hides what older files of the folder hold from it on. */
  readonly resumeStep?: number;
}

/**
 * Creates an event file `events.out.tfevents.<seconds>.<host>.<n>` that TensorBoard reads (scalars only).
 * Format: TFRecord frames of TensorFlow's `Event` messages, file version `brain.Event:2`.
 *
 * @throws InputError when the folder is not writable or the disk is full.
 * @example
 * const events = createEventWriter('runs/first');
 * events.scalars(epoch, { 'accuracy/train': 0.71, 'accuracy/validation': 0.68 });
 * events.close();
 */
export function createEventWriter(folder: string, options: EventWriterOptions = {}): EventWriter {
  const { host = 'localhost', now = Date.now, resumeStep } = options;
  const seconds = Math.floor(now() / 1000);
  const { path, file } = openNew(join(folder, `events.out.tfevents.${seconds}.${safe(host)}`), folder);
  const write = (event: LogEvent) => writing(path, () => writeAll(file, frameRecord(encodeEvent(event))));
  const wallTime = () => now() / 1000;
  write({ kind: 'version', wallTime: wallTime() });
  if (resumeStep !== undefined) {
    write({ kind: 'start', wallTime: wallTime(), step: checkInteger('resumeStep', resumeStep, 0) });
  }
  return {
    path,
    scalars: (step, values) =>
      write({ kind: 'scalars', wallTime: wallTime(), step: checkInteger('step', step, 0), values }),
    flush: () => writing(path, () => fsyncSync(file)),
    close: () => closeSync(file),
  };
}

/** Opens the first free `<stem>.<n>`, so that two runs in one second do not share a file. */
function openNew(stem: string, folder: string): { path: string; file: number } {
  return writing(folder, () => {
    mkdirSync(folder, { recursive: true });
    for (let n = 0; ; n++) {
      const path = `${stem}.${n}`;
      const file = openUnlessThere(path);
      if (file !== null) return { path, file };
    }
  });
}

function openUnlessThere(path: string): number | null {
  try {
    return openSync(path, 'wx');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return null;
    throw error;
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length;) offset += writeSync(file, bytes, offset);
}

function safe(host: string): string {
  return host.replace(/[^A-Za-z0-9.-]/g, '-');
}
