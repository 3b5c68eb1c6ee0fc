import type { GraphEngine, PictureSource } from './engine.js';
import { compareOutputs, floatOutputs, quantizedOutputs } from './measure.js';
import { isWeighted, type QuantizedProgram } from './quantized-program.js';

/** How much a step alone disturbs the outputs. */
export interface Sensitivity {
  /** Name of the step. */
  readonly step: string;
  /** Signal-to-noise ratio of the outputs with only this step's weights and result in eight bits, in dB. */
  readonly snr: number;
}

/**
 * Steps by how much each alone disturbs the outputs, the worst first: one run of the whole program for each step with
 * weights.
 */
export async function sensitiveSteps(
  engine: GraphEngine,
  quantized: QuantizedProgram,
  source: PictureSource,
  onStep: (done: number, total: number) => void = () => undefined,
): Promise<Sensitivity[]> {
  const { program, values, weights, kept } = quantized;
  const exact = await floatOutputs(engine, program, source);
  const steps = program.steps.filter((step) => isWeighted(step) && !kept.has(step.name));
  const found: Sensitivity[] = [];
  for (const [i, step] of steps.entries()) {
    const only = <T>(map: ReadonlyMap<string, T>, key: string) =>
      new Map([...map].filter(([name]) => name === key));
    const alone = { ...quantized, values: only(values, step.output), weights: only(weights, step.name) };
    const { snr } = compareOutputs(await quantizedOutputs(engine, alone, source), exact);
    found.push({ step: step.name, snr });
    onStep(i + 1, steps.length);
  }
  return found.sort((a, b) => a.snr - b.snr);
}
