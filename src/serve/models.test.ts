import { describe, expect, it } from 'vitest';

import { loadShipped } from '../jobs/shipped.js';
import { batchSizes, openServed, serveModel } from './models.js';

describe('models of a server', () => {
  it('are compiled for powers of two and the largest batch', () => {
    expect([1, 2, 6, 16].map(batchSizes)).toEqual([[1], [1, 2], [1, 2, 4, 6], [1, 2, 4, 8, 16]]);
    expect(() => batchSizes(0)).toThrow('batch size: received 0, expected an integer between 1 and 1024.');
  });

  it('have names, each one once', async () => {
    const options = { batchSize: 1, flip: false };
    const [one, other] = await openServed(['mien', 'face=mien'], options);
    expect([one?.id, other?.id]).toEqual(['mien', 'face']);
    expect(one?.classes).toEqual(['angry', 'disgust', 'happy', 'neutral', 'surprise']);
    await expect(openServed(['mien', 'mien'], options)).rejects.toThrow(
      '--model: received two models named "mien", expected different names; name one: --model other=mien.',
    );
  });

  it('answer with the temperature of their record', async () => {
    const model = await loadShipped('mien');
    const bytes = (temperature: number) =>
      serveModel('mien', { ...model, calibration: { temperature } }, { batchSize: 1, flip: false }).graphs[0]
        ?.bytes;
    expect(bytes(5)).not.toEqual(bytes(1));
    expect(bytes(1)).toEqual(bytes(1));
  });
});
