import { wilsonInterval } from '../../metrics.js';
import type { Answers } from '../answers.js';
import type { ComparedRun, Machine, SplitFigures } from '../comparison.js';
import type { MeasuredModel } from '../create.js';

/** The machine of the samples. */
export const machine: Machine = { cpu: 'Some CPU', threads: 2, runtime: 'some runtime', node: '22.0.0' };

/** Figures of `right` of `n` images. */
export function figuresOf(right: number, n: number): SplitFigures {
  return { n, accuracy: right / n, interval: wilsonInterval(right, n), macroAccuracy: right / n - 0.1 };
}

/** Answers to images `0.png`, `1.png`, … from one letter each: `y` right, `n` wrong. */
export function answersOf(pattern: string): Answers {
  const answer = (right: boolean) => ({ label: 'happy', predicted: right ? 'happy' : 'angry' });
  return new Map(Array.from(pattern, (letter, i) => [`${i}.png`, answer(letter === 'y')]));
}

/** A run of `pattern`, as in {@link answersOf}. */
export function runOf(pattern: string, change: Partial<ComparedRun> = {}): ComparedRun {
  const right = Array.from(pattern).filter((letter) => letter === 'y').length;
  return {
    folder: 'runs/a',
    seed: 1,
    validation: figuresOf(8, 10),
    test: figuresOf(right, pattern.length),
    epochs: 3,
    bestEpoch: 2,
    stepMilliseconds: 120,
    secondsToBest: 90,
    ...change,
  };
}

/** A model whose only run answered by `pattern`. */
export function modelOf(net: string, pattern: string, change: Partial<MeasuredModel> = {}): MeasuredModel {
  return {
    name: net,
    net,
    weights: 'keras',
    recipe: 'default',
    inputSize: 128,
    batchSize: 64,
    parameters: 939_120,
    macs: 56_510_400,
    bytes: 3_961_234,
    latency: { p50: 2.345, p90: 3, runs: 60 },
    runs: [runOf(pattern)],
    answers: { validation: answersOf('yyyyyyyynn'), test: answersOf(pattern) },
    ...change,
  };
}
