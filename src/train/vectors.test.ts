import { describe, expect, it } from 'vitest';

import { StateVectors } from './vectors.js';

describe('StateVectors', () => {
  it('reads one set, writes the other, and changes their places', () => {
    const state = new StateVectors(new Map([['m', Float32Array.of(1, 2)]]));
    const target = state.targets()['next_m']?.data as Float32Array;
    target.set([3, 4]);
    expect(Array.from(state.get('m'))).toEqual([1, 2]);
    state.swap();
    expect(Array.from(state.get('m'))).toEqual([3, 4]);
    expect(state.targets()['next_m']?.data).not.toBe(target);
  });

  it('names what it has when asked for something else', () => {
    const state = new StateVectors(new Map([['m', new Float32Array(1)]]));
    expect(() => state.get('v')).toThrow('training state: received the name "v", expected m.');
  });
});
