import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { ortNode } from '../runtime/node/ort.js';
import type { Runtime } from '../runtime/session.js';
import { examine } from './doctor.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('examine', () => {
  it('finds this machine fit and leaves nothing behind', async () => {
    const { ok, checks } = await examine({ runtime: ortNode(), cacheDir: join(folder, 'cache') });
    expect(ok).toBe(true);
    const states = Object.fromEntries(checks.map(({ name, state }) => [name, state]));
    expect(states).toMatchObject({ Node: 'ok', runtime: 'ok', pictures: 'ok', charts: 'ok' });
    expect(states['cache folder']).toBe('ok');
    expect(readdirSync(join(folder, 'cache'))).toEqual([]);
  });

  it('fails with an engine that does not run, warns about a folder that refuses', async () => {
    const broken: Runtime = { name: 'broken', createSession: () => Promise.reject(new Error('no engine')) };
    writeFileSync(join(folder, 'file'), '');
    const { ok, checks } = await examine({ runtime: broken, cacheDir: join(folder, 'file') });
    expect(ok).toBe(false);
    expect(checks.find(({ name }) => name === 'runtime')).toEqual({
      name: 'runtime',
      state: 'failed',
      detail: 'no engine',
    });
    expect(checks.find(({ name }) => name === 'cache folder')?.state).toBe('warning');
    expect(checks.find(({ name }) => name === 'fast kernels')?.state).toBe('warning');
  });
});
