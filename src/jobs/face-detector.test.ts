import { describe, expect, it } from 'vitest';

import { createRandom } from '../core/random.js';
import { float32 } from '../core/tensor.js';
import { runLiteRt } from '../export/testing/litert.js';
import { readTflite } from '../export/tflite/read/read-tflite.js';
import { FULL_RANGE, SHORT_RANGE } from '../faces/blazeface.js';
import { letterbox } from '../faces/letterbox.js';
import { drawBackground } from '../faces/testing/backgrounds.js';
import { lowerGraph } from '../lower/lower.js';
import { simplify } from '../lower/simplify.js';
import { encodeModel } from '../onnx/encode.js';
import { ortNode } from '../runtime/node/ort.js';
import { openFaceDetector, readModel } from './face-detector.js';

describe.each([SHORT_RANGE, FULL_RANGE])('BlazeFace $name from its package', (record) => {
  it('gives the numbers of LiteRT', async () => {
    const bytes = readModel(record);
    const picture = drawBackground(320, 200, createRandom(4));
    const input = float32(letterbox(picture, record.size), [1, record.size, record.size, 3]);
    const graph = lowerGraph(simplify(readTflite(bytes, record.file)), { kind: 'portable' });
    const session = await ortNode().createSession(encodeModel(graph), { threads: 1 });
    const ours = await session.run({ input });
    await session.close();
    const { outputs } = await runLiteRt(bytes, { input });
    expect(Object.keys(ours).sort()).toEqual(Object.keys(outputs).sort());
    for (const [name, { data }] of Object.entries(outputs)) {
      const own = ours[name]?.data as Float32Array;
      const size = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(value - (own[i] ?? NaN))), 0);
      // Float32 through some fifty convolutions.
      expect(worst / size, name).toBeLessThan(1e-4);
    }
  });
});

describe('openFaceDetector', () => {
  it('finds nothing on a drawn background', async () => {
    const detector = await openFaceDetector(ortNode(), { threads: 1 });
    expect(await detector.detect(drawBackground(400, 300, createRandom(4)))).toEqual([]);
    await detector.close?.();
  });
});
