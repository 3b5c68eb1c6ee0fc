import type { EpochRecord } from '../train/log/csv-log.js';
import type { ProgressState } from '../train/log/progress.js';

/** What a running job tells whoever shows it. */
export type JobEvent =
  /** Something that takes a while: decoding, evaluating; of a stream no total is known. */
  | { readonly kind: 'working'; readonly what: string; readonly done: number; readonly total?: number }
  /** A line worth reading. */
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'progress'; readonly state: ProgressState }
  | { readonly kind: 'epoch'; readonly record: EpochRecord; readonly best: boolean };

/** How a job reports and is asked to stop. */
export interface JobHooks {
  readonly onEvent?: (event: JobEvent) => void;
  /** True asks a training to finish its step, save, and return. */
  readonly shouldStop?: () => boolean;
}
