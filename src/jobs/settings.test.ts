import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { referenceRecipe } from '../train/recipes/reference.js';
import { fingerprint, formatSettings, parseSettings, type TrainSettings } from './settings.js';

const settings: TrainSettings = {
  version: 1,
  data: 'faces',
  classes: ['angry', 'happy'],
  model: 'mobileNetV3Small',
  weights: 'mien',
  recipe: referenceRecipe,
  seed: 42,
  fast: true,
};
const versions = { mien: '0.1.0', node: 'v20', runtime: 'onnxruntime-node' };

describe('settings', () => {
  it('reads back what it wrote, every setting resolved', () => {
    expect(parseSettings(formatSettings(settings, versions), 'args.yaml')).toEqual(settings);
  });

  it('reads every example of settings', () => {
    const folder = new URL('../../examples/settings/', import.meta.url);
    const names = readdirSync(folder);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      expect(parseSettings(readFileSync(new URL(name, folder), 'utf8'), name).data).toBe('fer2013');
    }
  });

  it('refuses other content', () => {
    expect(() => parseSettings('a: 1', 'args.yaml')).toThrow(
      'args.yaml: received other content, expected the args.yaml of a training run.',
    );
    expect(() => parseSettings('a: [', 'args.yaml')).toThrow(/^args\.yaml: received .*, expected YAML\.$/s);
  });

  it('tells runs apart by settings and pixels, not by where the data lies', () => {
    const pixels = Uint8Array.of(1, 2, 3);
    const print = fingerprint(settings, pixels);
    expect(fingerprint({ ...settings, data: 'elsewhere' }, pixels)).toBe(print);
    expect(fingerprint({ ...settings, seed: 43 }, pixels)).not.toBe(print);
    expect(fingerprint(settings, Uint8Array.of(1, 2, 4))).not.toBe(print);
  });
});
