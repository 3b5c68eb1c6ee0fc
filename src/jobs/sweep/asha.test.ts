import { describe, expect, it } from 'vitest';

import { createRandom } from '../../core/random.js';
import { nextPromotion, rungEpochs, type Contender } from './asha.js';

const trial = (gains: number[], blocked = false): Contender => ({ gains, blocked });

describe('rungEpochs', () => {
  it.each([
    [1, 9, 3, [1, 3, 9]],
    [1, 10, 3, [1, 3, 9, 10]],
    [2, 2, 4, [2]],
    [1, 13, 2, [1, 2, 4, 8, 13]],
  ])('from %d to %d by %d', (least, most, reduction, rungs) => {
    expect(rungEpochs(least, most, reduction)).toEqual(rungs);
  });
});

describe('nextPromotion', () => {
  it('starts trials one after another, and promotes the best third', () => {
    expect(nextPromotion([trial([]), trial([])], 3, 3)).toEqual({ trial: 0, rung: 0 });
    expect(nextPromotion([trial([], true), trial([])], 3, 3)).toEqual({ trial: 1, rung: 0 });
    // Two of three are too few for a promotion by 3.
    expect(nextPromotion([trial([0.5]), trial([0.7]), trial([])], 3, 3)).toEqual({ trial: 2, rung: 0 });
    const three = [trial([0.5]), trial([0.7]), trial([0.6])];
    expect(nextPromotion(three, 3, 3)).toEqual({ trial: 1, rung: 1 });
    expect(nextPromotion([trial([0.5]), trial([0.7], true), trial([0.6])], 3, 3)).toBeUndefined();
  });

  it('prefers higher rungs', () => {
    const trials = [
      trial([0.9, 0.9]),
      trial([0.8, 0.95]),
      trial([0.7, 0.5]),
      trial([0.95]),
      trial([0.1]),
      trial([]),
    ];
    expect(nextPromotion(trials, 3, 3)).toEqual({ trial: 1, rung: 2 });
  });

  it('goes on with what was interrupted first', () => {
    const trials = [trial([]), { gains: [0.5], target: 1, blocked: false }, trial([0.9])];
    expect(nextPromotion(trials, 3, 2)).toEqual({ trial: 1, rung: 1 });
  });

  it('brings the best of many to the top with a fraction of the work', () => {
    const random = createRandom(3);
    const quality = Array.from({ length: 81 }, () => random.uniform());
    const trials = quality.map((): { gains: number[]; blocked: boolean } => ({ gains: [], blocked: false }));
    const rungs = rungEpochs(1, 81, 3);
    let epochs = 0;
    for (;;) {
      const job = nextPromotion(trials, rungs.length, 3);
      if (job === undefined) break;
      const { gains } = trials[job.trial]!;
      expect(gains.length).toBe(job.rung);
      epochs += rungs[job.rung]! - (rungs[job.rung - 1] ?? 0);
      gains.push(quality[job.trial]!);
    }
    const top = trials.filter(({ gains }) => gains.length === rungs.length);
    expect(top).toContain(trials[quality.indexOf(Math.max(...quality))]);
    expect(trials.every(({ gains }) => gains.length > 0)).toBe(true);
    expect(epochs).toBeLessThan((81 * 81) / 8);
  });
});
