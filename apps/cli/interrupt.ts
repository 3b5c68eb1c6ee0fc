import type { JobHooks } from '../../src/node.js';
import { withDisplay, type Display } from './display.js';
import { EXIT } from './exit.js';

/** Ctrl-C as a wish: the first asks, the second ends the process at once. */
export interface Interrupt {
  wanted(): boolean;
  /** Gives Ctrl-C back its usual meaning. */
  release(): void;
}

/** @param onFirst what to tell the person after the first Ctrl-C */
export function listenForInterrupt(onFirst: () => void): Interrupt {
  let wanted = false;
  const listener = () => {
    if (wanted) process.exit(EXIT.interrupted);
    wanted = true;
    onFirst();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, listener);
  return {
    wanted: () => wanted,
    release: () => {
      for (const signal of signals) process.off(signal, listener);
    },
  };
}

/**
 * Gives `job` a display and Ctrl-C as a wish to stop, until it ends.
 * @param said what a person reads after the first Ctrl-C
 */
export function withInterrupt<T>(
  said: string,
  job: (hooks: Required<JobHooks>, display: Display) => Promise<T>,
): Promise<T> {
  return withDisplay(async (display) => {
    const interrupt = listenForInterrupt(() => display.note(said));
    try {
      return await job({ onEvent: display.onEvent, shouldStop: () => interrupt.wanted() }, display);
    } finally {
      interrupt.release();
    }
  });
}
