import { countReaders, type Program, type Step } from '../program/program.js';
import { isWeighted, scaledWeights } from './quantized-program.js';

/** Square root of the sixth in a hard swish: half of it goes to each factor. */
const SHARE = 1 / Math.sqrt(6);

/**
 * Writes a hard swish as the product of `u = x / √6` and `min(max(u + 3 / √6, 0), 6 / √6)`, of which the sixth root goes
 * into the convolution that makes x. Runtimes have no integer kernel for a hard swish, but for sums and products; what
 * is cut off is cut off by the stored form.
 */
export function gateSwishes(program: Program): Program {
  const readers = countReaders(program);
  const producers = new Map(program.steps.map((step) => [step.output, step]));
  const values = new Map(program.values);
  const replaced = new Map<Step, readonly Step[]>();
  for (const step of program.steps) {
    if (step.kind !== 'unary' || step.function !== 'hardSwish' || step.exact === true) continue;
    const [x = ''] = step.inputs;
    const source = producers.get(x);
    if (source === undefined || !isWeighted(source) || source.activation !== 'none') continue;
    if (readers.get(x) !== 1) continue;
    const gate = `${x}/gate`;
    const { name, output, activation } = step;
    values.set(gate, values.get(x) ?? { dtype: 'float32', shape: [] });
    replaced.set(source, [scaledWeights(source, SHARE)]);
    replaced.set(step, [
      { kind: 'hardGate', shift: 3 * SHARE, name: gate, inputs: [x], output: gate, activation: 'none' },
      { kind: 'multiply', name, inputs: [x, gate], output, activation },
    ]);
  }
  return { ...program, steps: program.steps.flatMap((step) => replaced.get(step) ?? [step]), values };
}
