/** Where a training run stands. */
export interface ProgressState {
  readonly stage: number;
  /** Counted from 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps done in this epoch. */
  readonly step: number;
  readonly steps: number;
  readonly imagesPerSecond: number;
  /** Until the end of the run; null while unknown. */
  readonly secondsLeft: number | null;
  readonly loss: number | null;
  /** Share in [0, 1]. */
  readonly accuracy: number | null;
  /** What teachers take of a step; absent where none is asked. */
  readonly teacherMilliseconds?: number;
}

/** Longest line that {@link formatProgress} makes. */
export const progressColumns = 100;
const longestBar = 20;
const shortestBar = 6;

/**
 * One line of at most `columns` characters (ASCII only); the bar takes the room that the figures leave.
 *
 * @example
 * formatProgress(state); // stage 1  epoch 3/25  [=====>     ]  61/123  812 img/s  0:32 left  loss 0.8123  acc 0.712
 */
export function formatProgress(state: ProgressState, columns = progressColumns): string {
  const { stage, epoch, epochs, step, steps } = state;
  const head = `stage ${stage}  epoch ${padTo(epoch, epochs)}  `;
  const tail = [`  ${padTo(step, steps)}`, ...figures(state)].join('  ');
  const room = Math.min(longestBar, columns - head.length - tail.length - 2);
  const bar = room < shortestBar ? '' : drawBar(room, step / Math.max(1, steps));
  const line = bar === '' ? head.trimEnd() + tail : head + bar + tail;
  return line.slice(0, Math.max(0, columns));
}

/** Seconds as `m:ss` or `h:mm:ss`; unknown ones as `-:--`. */
export function formatDuration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return '-:--';
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** The part of a stream such as `process.stderr` that progress needs. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** A progress line on a terminal, or a line now and then in a log file. */
export interface Progress {
  /** Shows a state, unless one was shown a moment ago. */
  update(state: ProgressState): void;
  /** Prints a line that stays, e.g. the summary of an epoch. */
  print(text: string): void;
  /** Leaves the cursor on a fresh line. */
  close(): void;
}

/** Milliseconds between two displays. */
const interval = { terminal: 100, log: 5000 } as const;

/**
 * Shows progress on a stream: a terminal's line is overwritten ten times a second at most, anything else
 * gets at most one line in five seconds.
 *
 * @param now milliseconds of any steady clock.
 * @example
 * const progress = createProgress(process.stderr);
 * progress.update(state);
 * progress.close();
 */
export function createProgress(
  stream: ProgressStream,
  now: () => number = () => performance.now(),
): Progress {
  return stream.isTTY === true ? terminalProgress(stream, now) : logProgress(stream, now);
}

function logProgress(stream: ProgressStream, now: () => number): Progress {
  const due = everySoOften(interval.log, now);
  return {
    update: (state) => {
      if (due()) stream.write(`${formatProgress(state)}\n`);
    },
    print: (text) => void stream.write(`${text}\n`),
    close: () => undefined,
  };
}

function terminalProgress(stream: ProgressStream, now: () => number): Progress {
  const due = everySoOften(interval.terminal, now);
  let shown = 0;
  let last: ProgressState | undefined;
  const draw = (state: ProgressState) => {
    // A line as wide as the terminal would wrap, and then `\r` could not reach its start.
    const line = formatProgress(state, Math.min(progressColumns, (stream.columns ?? 80) - 1));
    stream.write(`\r${line.padEnd(shown)}`);
    shown = line.length;
  };
  return {
    update: (state) => {
      last = state;
      if (due()) draw(state);
    },
    print: (text) => {
      stream.write(shown === 0 ? `${text}\n` : `\r${text.padEnd(shown)}\n`);
      shown = 0;
      last = undefined;
    },
    close: () => {
      if (last !== undefined) draw(last);
      if (shown > 0) stream.write('\n');
      shown = 0;
      last = undefined;
    },
  };
}

/** A question that is answered yes at most once per `milliseconds`, the first time at once. */
function everySoOften(milliseconds: number, now: () => number): () => boolean {
  let next = -Infinity;
  return () => {
    const time = now();
    if (time < next) return false;
    next = time + milliseconds;
    return true;
  };
}

function figures(state: ProgressState): string[] {
  const { imagesPerSecond, secondsLeft, loss, accuracy, teacherMilliseconds } = state;
  const speed = imagesPerSecond < 10 ? imagesPerSecond.toFixed(1) : imagesPerSecond.toFixed(0);
  return [
    `${speed} img/s`,
    `${formatDuration(secondsLeft)} left`,
    `loss ${loss === null ? '-' : formatLoss(loss)}`,
    `acc ${accuracy === null ? '-' : accuracy.toFixed(3)}`,
    ...(teacherMilliseconds === undefined ? [] : [`teacher ${teacherMilliseconds.toFixed(0)} ms`]),
  ];
}

/** Four decimals, or an exponent where that would be long or empty of digits. */
function formatLoss(loss: number): string {
  const size = Math.abs(loss);
  return size !== 0 && (size >= 1e4 || size < 1e-3) ? loss.toExponential(2) : loss.toFixed(4);
}

function drawBar(width: number, share: number): string {
  const done = Math.min(width, Math.max(0, Math.floor(share * width)));
  const tip = done > 0 && done < width ? '>' : '';
  return `[${`${'='.repeat(done - tip.length)}${tip}`.padEnd(width)}]`;
}

function padTo(value: number, total: number): string {
  return `${String(value).padStart(String(total).length)}/${total}`;
}
