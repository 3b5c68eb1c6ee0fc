import { spawn, type ChildProcess } from 'node:child_process';

import { RequestError } from '../serve/http/problem.js';
import type { Job, JobVerb } from './api.js';

/** Lines that are kept of what a job prints. */
const KEPT_LINES = 200;
/** Ended jobs that are remembered. */
const KEPT_JOBS = 50;

/** How the command line says that it was interrupted and has saved. */
const INTERRUPTED = 130;

/** What {@link Children.start} starts. */
export interface JobRequest {
  readonly verb: JobVerb;
  readonly subject: string;
  /** The command line after `mien`; the verb's own name is the first. */
  readonly args: readonly string[];
}

/**
 * Verbs of the command line as processes of their own, so that the server goes on answering and a person can stop them: an
 * interrupt lets a training save, as Ctrl-C does.
 */
export class Children {
  private readonly children = new Map<string, Child>();
  private next = 1;
  private closing = false;

  /** @param command program and first arguments that start `mien` */
  constructor(private readonly command: readonly string[]) {}

  /** @throws RequestError 409 when the same verb runs on the same subject, 503 while the studio ends */
  start(request: JobRequest): Job {
    const { verb, subject } = request;
    if (this.closing) throw ending(verb);
    if (this.running(verb, subject) !== undefined) throw busy(verb, subject);
    const id = String(this.next++);
    const child = new Child(id, request, this.command);
    this.children.set(id, child);
    this.forget();
    return child.job();
  }

  /** Asks a job to end; it may take a while to save. @throws RequestError 404 */
  stop(id: string): Job {
    const child = this.find(id);
    child.stop();
    return child.job();
  }

  /** @throws RequestError 404 */
  job(id: string): Job {
    return this.find(id).job();
  }

  /** The newest job of a kind. */
  latest(verb: JobVerb, subject?: string): Job | undefined {
    return this.newest((child) => child.is(verb, subject))?.job();
  }

  running(verb: JobVerb, subject?: string): Job | undefined {
    return this.newest((child) => child.is(verb, subject) && child.isRunning)?.job();
  }

  /** The JSON document that a job printed; undefined while it runs and when it failed. @throws RequestError 404 */
  document(id: string): unknown {
    return this.find(id).document();
  }

  /** Interrupts all and waits until they have ended. */
  async close(): Promise<void> {
    this.closing = true;
    for (const child of this.children.values()) child.stop();
    await Promise.all([...this.children.values()].map(({ ended }) => ended));
  }

  private newest(wanted: (child: Child) => boolean): Child | undefined {
    return [...this.children.values()].filter(wanted).at(-1);
  }

  private find(id: string): Child {
    const child = this.children.get(id);
    if (child !== undefined) return child;
    const expected = 'one that this studio started';
    throw new RequestError(404, 'unknown_job', { where: 'job', received: 'another job', expected });
  }

  private forget(): void {
    const ended = [...this.children].filter(([, child]) => !child.isRunning);
    for (const [id] of ended.slice(0, Math.max(0, ended.length - KEPT_JOBS))) this.children.delete(id);
  }
}

class Child {
  readonly ended: Promise<void>;
  private readonly process: ChildProcess;
  private readonly lines: string[] = [];
  private stdout = '';
  private code: number | null | undefined;
  private stopped = false;

  constructor(
    private readonly id: string,
    private readonly request: JobRequest,
    [program = process.execPath, ...first]: readonly string[],
  ) {
    this.process = spawn(program, [...first, ...request.args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C in the terminal reaches a whole group: the job would get it twice, and not save.
      detached: process.platform !== 'win32',
    });
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => this.keep(text));
    this.ended = new Promise((resolve) => {
      this.process.on('error', ({ message }) => this.keep(`${message}\n`));
      this.process.on('close', (code) => {
        this.code = code;
        resolve();
      });
    });
  }

  get isRunning(): boolean {
    return this.code === undefined;
  }

  is(verb: JobVerb, subject: string | undefined): boolean {
    return this.request.verb === verb && (subject ?? this.request.subject) === this.request.subject;
  }

  stop(): void {
    // A second interrupt would end it before it has saved.
    if (this.stopped || !this.isRunning) return;
    this.stopped = true;
    this.process.kill('SIGINT');
  }

  job(): Job {
    const { verb, subject } = this.request;
    return {
      id: this.id,
      verb,
      subject,
      state: this.state(),
      lines: this.lines.filter((line) => line !== ''),
    };
  }

  document(): unknown {
    if (this.code !== 0) return undefined;
    try {
      return JSON.parse(this.stdout) as unknown;
    } catch {
      return undefined;
    }
  }

  private state(): Job['state'] {
    if (this.code === undefined) return this.stopped ? 'stopping' : 'running';
    if (this.code === INTERRUPTED || (this.stopped && this.code !== 0)) return 'stopped';
    return this.code === 0 ? 'done' : 'failed';
  }

  /** A carriage return overwrites a line of progress, as on a terminal. */
  private keep(text: string): void {
    const [first = '', ...more] = text.split('\n');
    this.lines.push((this.lines.pop() ?? '') + first, ...more);
    const last = this.lines.length - 1;
    this.lines.forEach((line, i) => (this.lines[i] = overwritten(line, i === last)));
    this.lines.splice(0, this.lines.length - KEPT_LINES);
  }
}

function overwritten(line: string, open: boolean): string {
  const parts = line.split('\r');
  const written = parts.filter((part) => part !== '').at(-1) ?? '';
  return open && line.endsWith('\r') ? `${written}\r` : written;
}

function ending(verb: JobVerb): RequestError {
  const received = 'a job while the studio ends';
  return new RequestError(503, 'ending', { where: verb, received, expected: 'a studio that goes on' });
}

function busy(verb: JobVerb, subject: string): RequestError {
  return new RequestError(409, 'already_running', {
    where: verb,
    received: `"${subject}" while a job works on it`,
    expected: 'one at a time',
    remedy: 'wait until it ends, or stop it',
  });
}
