import { affineOf } from './affine-steps.js';
import type { Program, Step } from './program.js';

/**
 * Writes each hard sigmoid as `relu6(x + 3) · 1/6`, as Keras does: the 3 then goes into the bias of the convolution
 * before it, which also rectifies, and the sixth often into weights behind it.
 */
export function spellHardSigmoids(program: Program): Program {
  const values = new Map(program.values);
  const steps = program.steps.flatMap((step): Step[] => {
    if (step.kind !== 'unary' || step.function !== 'hardSigmoid') return [step];
    const { name, inputs, output } = step;
    const [shifted, bounded] = [`${name}/shifted`, `${name}/bounded`];
    const type = values.get(output);
    if (type !== undefined) values.set(shifted, type).set(bounded, type);
    const own = { activation: 'none' } as const;
    return [
      { ...affineOf(1, 3), ...own, name: shifted, inputs, output: shifted },
      { kind: 'unary', function: 'relu6', ...own, name: bounded, inputs: [shifted], output: bounded },
      { ...affineOf(1 / 6, 0), ...own, name, inputs: [bounded], output },
    ];
  });
  return { ...program, steps, values };
}
