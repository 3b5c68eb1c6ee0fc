import { describe, expect, it } from 'vitest';

import { drawFaces } from '../data/draw/draw.js';
import { ortNode } from '../runtime/node/ort.js';
import { prepareLabels } from './soft-labels.js';

const images = drawFaces({ classes: ['happy', 'sad'], perClass: 2 });

describe('prepareLabels', () => {
  it('names the option of a teacher that is not there', async () => {
    await expect(prepareLabels({ teachers: ['nowhere'] }, images, ortNode(), {})).rejects.toThrow(
      '--teacher: received "nowhere", expected a .keras or .h5 file, a run folder, or a shipped model',
    );
  });
});
