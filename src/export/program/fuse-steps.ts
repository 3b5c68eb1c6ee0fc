import { countReaders, type Pads, type Program, type Step, type StepOf } from './program.js';

/** Steps that can rectify their own result, in every format. */
const RECTIFIERS: ReadonlySet<string> = new Set([
  'conv',
  'depthwise',
  'dense',
  'affine',
  'add',
  'subtract',
  'multiply',
  'divide',
  'averagePool',
  'maxPool',
]);

/** Lets the step before a ReLU or ReLU6 rectify, where nothing else reads what it makes. */
export function fuseActivations(program: Program): Program {
  const readers = countReaders(program);
  const steps: Step[] = [];
  const places = new Map<string, number>();
  for (const step of program.steps) {
    const place = places.get(step.inputs[0] ?? '');
    const before = place === undefined ? undefined : steps[place];
    const activation = rectifier(step);
    const free =
      before?.activation === 'none' && RECTIFIERS.has(before.kind) && readers.get(before.output) === 1;
    if (activation === undefined || place === undefined || !free) {
      places.set(step.output, steps.length);
      steps.push(step);
      continue;
    }
    steps[place] = { ...before, activation, output: step.output };
    places.set(step.output, place);
  }
  return { ...program, steps };
}

function rectifier(step: Step): 'relu' | 'relu6' | undefined {
  if (step.kind !== 'unary') return undefined;
  return step.function === 'relu' || step.function === 'relu6' ? step.function : undefined;
}

/** Moves zeros around pictures into the convolutions that read them. */
export function fusePads(program: Program): Program {
  const padded = new Map<string, StepOf<'pad' | 'crop'>>();
  for (const step of program.steps) if (step.kind === 'pad') padded.set(step.output, step);
  const steps = program.steps.map((step): Step => {
    const pad = padded.get(step.inputs[0] ?? '');
    if (pad === undefined || (step.kind !== 'conv' && step.kind !== 'depthwise')) return step;
    return {
      ...step,
      inputs: pad.inputs,
      window: { ...step.window, pads: sum(step.window.pads, pad.pads) },
    };
  });
  const readers = countReaders({ ...program, steps });
  return { ...program, steps: steps.filter((step) => step.kind !== 'pad' || readers.has(step.output)) };
}

function sum(a: Pads, b: Pads): Pads {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]];
}
