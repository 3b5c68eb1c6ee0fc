import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';

import { InputError } from '../src/core/errors.js';

/** JSON lines to a child process and back, one at a time. */
export class Conversation {
  private readonly lines: AsyncIterator<string>;
  private readonly child: ChildProcessWithoutNullStreams;
  private complaints = '';

  /** @param title what the program is, for messages */
  constructor(
    private readonly title: string,
    private readonly remedy: string,
    [command = '', ...args]: readonly string[],
  ) {
    const child = spawn(command, args, { stdio: 'pipe' });
    this.child = child;
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.on('data', (chunk: Buffer) => {
      this.complaints = (this.complaints + chunk.toString()).slice(-2000);
    });
    child.stdin.on('error', () => undefined);
  }

  /** @throws InputError with the program's last words when it has ended */
  async ask<Answer>(question: object): Promise<Answer> {
    this.child.stdin.write(`${JSON.stringify(question)}\n`);
    const line = await this.lines.next();
    if (line.done !== true) return JSON.parse(line.value) as Answer;
    const { title: where, remedy } = this;
    const last = this.complaints.trim().split('\n').at(-1) ?? '';
    throw new InputError({
      where,
      received: `an early end (${last})`,
      expected: 'measurements',
      remedy,
    });
  }

  end(): void {
    this.child.stdin.end();
  }
}
