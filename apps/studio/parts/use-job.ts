import { useCallback, useEffect, useState } from 'preact/hooks';

import type { Job } from '../../../src/studio/api.js';
import { get, messageOf, post } from './client.js';
import { isRunning } from './states.js';

/** Milliseconds between two looks at a job. */
const EVERY = 700;

/** A job that a page started, followed until it ends. */
export interface FollowedJob {
  readonly job: Job | undefined;
  /** Why it could not be started. */
  readonly problem: string | undefined;
  readonly start: (path: string, body: object) => void;
  readonly stop: () => void;
  /** Follows a job that was started before. */
  readonly follow: (job: Job) => void;
}

/** @param onEnd called once a job has ended */
export function useJob(onEnd: (job: Job) => void): FollowedJob {
  const [job, setJob] = useState<Job>();
  const [problem, setProblem] = useState<string>();
  const fail = useCallback((error: unknown) => setProblem(messageOf(error)), []);
  useEffect(() => {
    if (job === undefined || !isRunning(job)) return;
    const look = (next: Job) => {
      setJob(next);
      if (!isRunning(next)) onEnd(next);
    };
    const timer = setTimeout(() => void get<Job>('/job', { id: job.id }).then(look, fail), EVERY);
    return () => clearTimeout(timer);
  }, [job]);
  const begin = (path: string, body: object) => {
    setProblem(undefined);
    post<Job>(path, body).then(setJob, fail);
  };
  const stop = () => {
    if (job !== undefined) post<Job>('/job/stop', { id: job.id }).then(setJob, fail);
  };
  return { job, problem, start: begin, stop, follow: setJob };
}
