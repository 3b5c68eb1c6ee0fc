import { afterAll, describe, expect, it } from 'vitest';

import { blockOfThisCpu, kernelSets } from '../../src/lower/testing/check-lowering.js';
import type { Weights } from '../../src/models/model.js';
import { netNames } from '../../src/models/nets.js';
import { oracleGradients, type OracleGradients } from './oracle.js';
import { batchOf, calibrated, errorsOf, N, netOf, ownStep, SIDE, type Subject } from './own-gradients.js';

const ALL = { layers: 'all', batchNorm: 'trainable' } as const;
const TOP = { layers: 'top', count: 60, batchNorm: 'frozen' } as const;

const SMALL: Subject[] = (['symmetric', 'keras'] as const).flatMap((padding) =>
  [ALL, TOP].map((rule) => ({ net: 'mobileNetV3Small' as const, padding, rule })),
);
const OTHERS: Subject[] = netNames
  .filter((net) => net !== 'mobileNetV3Small')
  .map((net) => ({ net, padding: 'keras', rule: ALL }));

/**
 * Largest error of a gradient tensor relative to its largest element. MobileNetV3-Small has the sharper bar; the
 * others are up to ten times as deep, and what float32 rounds off adds up with depth.
 */
const limitOf = ({ net }: Subject) => (net === 'mobileNetV3Small' ? 1e-4 : 1e-3);

const nameOf = ({ net, padding, rule }: Subject) =>
  `${net}, ${padding} padding, ${rule === ALL ? 'everything trains' : 'the top 60 layers train, batch norms frozen'}`;

const rows: Record<string, string | number>[] = [];
let oracle = '';

afterAll(() => {
  console.log(`Gradients at ${SIDE}×${SIDE}, batch ${N}; oracle: ${oracle}`);
  console.table(rows);
});

const kernels = kernelSets(await blockOfThisCpu());
const batch = batchOf();

describe.each([...SMALL, ...OTHERS].map((subject) => [nameOf(subject), subject] as const))(
  '%s',
  (name, subject) => {
    const limit = limitOf(subject);
    const graph = netOf(subject);
    let problem: Promise<readonly [Weights, OracleGradients]> | undefined;
    const prepare = async () => {
      const weights = await calibrated(subject, batch);
      return [weights, await oracleGradients(graph, weights, batch)] as const;
    };

    it.each(kernels)(`%s kernels: every gradient is within ${limit} of float64`, async (_, set) => {
      const [weights, expected] = await (problem ??= prepare());
      const own = await ownStep(graph, weights, batch, set);
      const { relative, zeros } = errorsOf(own.gradients, expected);
      const [worst, tensor] = relative[0]!;
      const mean = relative.reduce((sum, [error]) => sum + error, 0) / relative.length;
      oracle = expected.oracle;
      rows.push({
        net: name,
        kernels: set.kind,
        tensors: own.gradients.size,
        worst: worst.toExponential(1),
        in: tensor,
        mean: mean.toExponential(1),
        zeros: zeros.toExponential(1),
      });
      expect(own.gradients.size).toBe(
        graph.weightSlots.filter((s) => s.layer.trainable && s.spec.trainable).length,
      );
      expect(Math.abs(own.loss / expected.loss - 1)).toBeLessThan(1e-5);
      expect(relative.filter(([error]) => !(error <= limit))).toEqual([]);
      expect(zeros).toBeLessThan(limit);
      expect(relative.length).toBeGreaterThan(0.6 * own.gradients.size);
    });
  },
);
