/** Every gradient of whole nets against Keras in float64. */
import { afterAll, describe, expect, it } from 'vitest';

import { blockOfThisCpu, kernelSets } from '../../src/lower/testing/check-lowering.js';
import type { Weights } from '../../src/models/model.js';
import { netNames } from '../../src/models/nets.js';
import { oracleGradients, type OracleBatch, type OracleGradients } from './oracle.js';
import {
  batchOf,
  calibrated,
  errorsOf,
  netOf,
  ownStep,
  type Arithmetic,
  type Subject,
} from './own-gradients.js';

const ALL = { layers: 'all', batchNorm: 'trainable' } as const;
const TOP = { layers: 'top', count: 60, batchNorm: 'frozen' } as const;

/** A subject, by what it is computed, and the largest error allowed, relative to each tensor's largest element. */
interface Check {
  readonly subject: Subject;
  readonly arithmetic: readonly (readonly [string, Arithmetic])[];
  readonly limit: number;
}

const kernels = kernelSets(await blockOfThisCpu());
const OTHERS = netNames.filter((net) => net !== 'mobileNetV3Small');

const CHECKS: readonly Check[] = [
  // The project's bar, with the net as it is: its rectifiers are few enough.
  ...(['symmetric', 'keras'] as const).flatMap((padding) =>
    [ALL, TOP].map((rule) => ({
      subject: { net: 'mobileNetV3Small' as const, padding, rule, n: 16, side: 64 },
      arithmetic: kernels,
      limit: 1e-4,
    })),
  ),
  // The deeper nets as they are, in float64 on both sides: constants of the graph are float32, 6e-8.
  ...OTHERS.map((net) => ({
    subject: { net, padding: 'keras' as const, rule: ALL, n: 4, side: 32 },
    arithmetic: [['float64', { kind: 'float64' }]] as const,
    limit: 1e-5,
  })),
  // And smoothed, by the kernels that train: up to 700 layers deep, roundings add up.
  ...OTHERS.map((net) => ({
    subject: { net, padding: 'keras' as const, rule: ALL, n: 8, side: 64, smooth: true },
    arithmetic: kernels.filter(([, { kind }]) => kind !== 'pure'),
    limit: 1e-3,
  })),
];

const nameOf = ({ net, padding, rule, n, side, smooth }: Subject) =>
  [
    `${net}${smooth === true ? ' with SiLU' : ''}, ${padding} padding, ${n} pictures of ${side}×${side}`,
    rule === ALL ? 'everything trains' : 'the top 60 layers train, batch norms frozen',
  ].join(', ');

const rows: Record<string, string | number>[] = [];
let oracle = '';

afterAll(() => {
  console.log(`Gradients: worst and mean error of a tensor; oracle: ${oracle}`);
  console.table(rows);
});

describe.each(CHECKS.map((check) => [nameOf(check.subject), check] as const))('%s', (name, check) => {
  const { subject, arithmetic, limit } = check;
  let problem: Promise<readonly [OracleBatch, Weights, OracleGradients]> | undefined;
  const prepare = async () => {
    const batch = batchOf(subject);
    const weights = await calibrated(subject, batch);
    return [batch, weights, await oracleGradients(netOf(subject), weights, batch)] as const;
  };

  it.each(arithmetic)(`%s: every gradient is within ${limit}`, async (_, set) => {
    const [batch, weights, expected] = await (problem ??= prepare());
    const graph = netOf(subject);
    const own = await ownStep(graph, weights, batch, set);
    const { relative, zeros } = errorsOf(own.gradients, expected);
    const [worst, tensor] = relative[0]!;
    const mean = relative.reduce((sum, [error]) => sum + error, 0) / relative.length;
    oracle = expected.oracle;
    rows.push({
      net: name,
      by: set.kind,
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
});
