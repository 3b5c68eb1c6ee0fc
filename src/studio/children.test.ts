import { afterEach, describe, expect, it } from 'vitest';

import { Children } from './children.js';

const opened: Children[] = [];
afterEach(() => Promise.all(opened.splice(0).map((children) => children.close())));

/** Jobs that run a line of JavaScript. */
function jobs(code: string): Children {
  const children = new Children([process.execPath, '-e', code, '--']);
  opened.push(children);
  return children;
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i > 500) throw new Error('waited ten seconds');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const WAITS =
  "process.on('SIGINT', () => process.exit(130)); console.error('ready'); setInterval(() => {}, 1000)";
const train = { verb: 'train', subject: 'a', args: ['train'] } as const;

describe('Children', () => {
  it('keeps the last lines, and the document that a job printed', async () => {
    const children = jobs("process.stderr.write('1 of 2\\r2 of 2\\ndone\\n'); console.log('{\"n\":1}')");
    const { id } = children.start(train);
    await until(() => children.job(id).state !== 'running');
    expect(children.job(id)).toMatchObject({ state: 'done', lines: ['2 of 2', 'done'] });
    expect(children.document(id)).toEqual({ n: 1 });
  });

  it('says when a job failed', async () => {
    const children = jobs('process.exit(1)');
    const { id } = children.start(train);
    await until(() => children.job(id).state !== 'running');
    expect(children.job(id).state).toBe('failed');
    expect(children.document(id)).toBeUndefined();
  });

  it('runs one job of a verb on a subject at a time, and stops it by one interrupt', async () => {
    const children = jobs(WAITS);
    const { id } = children.start(train);
    expect(() => children.start(train)).toThrow(expect.objectContaining({ status: 409 }));
    await until(() => children.job(id).lines.includes('ready'));
    children.stop(id);
    children.stop(id);
    await until(() => children.job(id).state === 'stopped');
    expect(children.running('train')).toBeUndefined();
  });

  it('starts nothing while it ends', async () => {
    const children = jobs(WAITS);
    const { id } = children.start(train);
    await until(() => children.job(id).lines.includes('ready'));
    const closed = children.close();
    expect(() => children.start({ ...train, subject: 'b' })).toThrow(
      expect.objectContaining({ status: 503 }),
    );
    await closed;
    expect(children.job(id).state).toBe('stopped');
  });

  it('knows only its own jobs', () => {
    expect(() => jobs('').job('7')).toThrow(expect.objectContaining({ status: 404 }));
  });
});
