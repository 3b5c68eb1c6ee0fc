import type { Job, PictureResult, RunRecord } from './job.js';
import type { ReplicaSettings } from './replica.js';

/** What an engine thread is started with. */
export interface EngineThreadData {
  readonly task: 'mien-serve';
  readonly settings: ReplicaSettings;
}

/** What an engine thread is asked. */
export type EngineRequest =
  | { readonly kind: 'answer'; readonly job: Job }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'close' };

/** What an engine thread says. */
export type EngineReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly id: number; readonly results: readonly PictureResult[] }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
  | { readonly kind: 'run'; readonly record: RunRecord }
  | { readonly kind: 'closed' };
