import { describe, expect, it } from 'vitest';

import { ortNode } from '../runtime/node/ort.js';
import { probeBlock } from '../runtime/probe.js';
import type { Runtime } from '../runtime/session.js';
import { kernelsFor, lanesFor } from './kernels.js';
import { blockProbeModel } from './probe-model.js';

describe('batches that the blocks do not divide', () => {
  it.each([
    [undefined, 32, { kind: 'portable' }],
    [16, 32, { kind: 'fast', block: 16 }],
    [16, 24, { kind: 'portable' }],
    [8, 24, { kind: 'fast', block: 8 }],
    [16, 8, { kind: 'portable' }],
  ] as const)('block %s, batch %i', (size, batch, kernels) => {
    expect(kernelsFor(size, batch)).toEqual(kernels);
  });

  it('have the lanes of the portable set even under the fast one', () => {
    expect(lanesFor({ kind: 'fast', block: 16 }, 32, 40, 40)).toBe(16);
    expect(lanesFor({ kind: 'fast', block: 16 }, 24, 7, 7)).toBe(24);
    expect(lanesFor({ kind: 'fast', block: 16 }, 24, 40, 40)).toBe(1);
    expect(lanesFor({ kind: 'portable' }, 24, 16, 16)).toBe(24);
    expect(lanesFor({ kind: 'pure' }, 24, 16, 17)).toBe(1);
  });
});

describe('the probe', () => {
  it('finds a block size that is a power of two, or none', async () => {
    const found = await probeBlock(ortNode(), blockProbeModel());
    expect([undefined, 4, 8, 16, 32]).toContain(found);
  });

  const engine = (run: () => Float32Array): Runtime => ({
    name: 'test',
    createSession: () =>
      Promise.resolve({
        run: () => Promise.resolve({ y: { dtype: 'float32' as const, shape: [128], data: run() } }),
        close: () => Promise.resolve(),
      }),
  });

  it('reads the block size from where the second pixel went', async () => {
    const laidOut = (size: number) =>
      engine(() => Float32Array.from({ length: 128 }, (_, i) => (i % size) * 2 + (Math.floor(i / size) % 2)));
    expect(await probeBlock(laidOut(8), new Uint8Array())).toBe(8);
    expect(await probeBlock(laidOut(16), new Uint8Array())).toBe(16);
  });

  it('gives none where nothing was rearranged or the engine refuses', async () => {
    const plain = engine(() => Float32Array.from({ length: 128 }, (_, i) => i));
    expect(await probeBlock(plain, new Uint8Array())).toBeUndefined();
    const refusing: Runtime = { name: 'test', createSession: () => Promise.reject(new Error('no')) };
    expect(await probeBlock(refusing, new Uint8Array())).toBeUndefined();
    expect(await probeBlock(ortNode(), Uint8Array.of(1, 2, 3))).toBeUndefined();
  });
});
