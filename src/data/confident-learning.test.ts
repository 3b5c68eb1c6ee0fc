import { describe, expect, it } from 'vitest';

import { createRandom } from '../core/random.js';
import { confidentLearning } from './confident-learning.js';

describe('confidentLearning', () => {
  it('counts the confident joint by hand', () => {
    // Thresholds: class 0 (0.9 + 0.8 + 0.1) / 3 = 0.6, class 1 (0.7 + 0.9) / 2 = 0.8.
    const rows = [0.9, 0.1, 0.8, 0.2, 0.1, 0.9, 0.3, 0.7, 0.1, 0.9];
    const labels = [0, 0, 0, 1, 1];
    const found = confidentLearning({ labels, probabilities: Float32Array.from(rows), classes: 2 });
    expect(found.thresholds[0]).toBeCloseTo(0.6, 6);
    expect(found.thresholds[1]).toBeCloseTo(0.8, 6);
    // Picture 3 is sure of nothing.
    expect(found.counts).toEqual([
      [2, 1],
      [0, 1],
    ]);
    expect(found.joint[0]![0]).toBeCloseTo((2 / 3) * (3 / 5), 6);
    expect(found.joint[1]![1]).toBeCloseTo(2 / 5, 6);
    expect(found.noise).toBeCloseTo(1 / 5, 6);
    expect(found.issues).toHaveLength(1);
    expect(found.issues[0]).toMatchObject({ image: 2, given: 0, suggested: 1 });
    expect(found.issues[0]!.margin).toBeCloseTo(0.8, 6);
  });

  it('finds most planted errors and few others', () => {
    const random = createRandom(4);
    const [n, classes] = [3000, 4];
    const truth = Array.from({ length: n }, () => random.integer(classes));
    const wrong = new Set([...truth.keys()].filter(() => random.uniform() < 0.08));
    // One class is taken for the next one only: noise that depends on the class, as confident learning assumes.
    const labels = truth.map((label, image) => (wrong.has(image) ? (label + 1) % classes : label));
    const probabilities = new Float32Array(n * classes);
    truth.forEach((label, image) => {
      const logits = Array.from({ length: classes }, (_, k) => (k === label ? 3 : 0) + random.normal());
      const powers = logits.map(Math.exp);
      const sum = powers.reduce((a, b) => a + b, 0);
      probabilities.set(
        powers.map((p) => p / sum),
        image * classes,
      );
    });
    const { issues, noise } = confidentLearning({ labels, probabilities, classes });
    const hits = issues.filter(({ image }) => wrong.has(image));
    expect(hits.length / issues.length).toBeGreaterThan(0.8);
    expect(hits.length / wrong.size).toBeGreaterThan(0.7);
    expect(Math.abs(noise - wrong.size / n)).toBeLessThan(0.03);
    expect(issues.slice(0, 50).filter(({ image }) => !wrong.has(image)).length).toBeLessThan(5);
  });

  it('suggests nothing of a class without pictures, and nothing where all is right', () => {
    const probabilities = Float32Array.from([0.8, 0.1, 0.1, 0.1, 0.8, 0.1]);
    const { issues, noise, thresholds } = confidentLearning({ labels: [0, 1], probabilities, classes: 3 });
    expect([issues, noise, thresholds[2]]).toEqual([[], 0, 1]);
  });
});
