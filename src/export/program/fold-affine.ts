import { countReaders, type AffineOperation, type Program, type Step, type StepOf } from './program.js';
import { isUnpadded } from './windows.js';

type Weighted = StepOf<'conv' | 'depthwise' | 'dense'>;
type Affine = StepOf<'affine'>;

/**
 * Folds `x · scale + shift` (batch norms, rescaling, arithmetic with numbers) into the convolution or dense layer
 * before it, or else into the one after it where no padding lies between. Exact but for rounding; the products
 * are made in float64. What stays is arithmetic by itself, as in front of DenseNet's activations.
 */
export function foldAffine(program: Program): Program {
  return foldForward(sinkScales(foldBackward(program)));
}

function foldBackward(program: Program): Program {
  const readers = countReaders(program);
  const steps: Step[] = [];
  const places = new Map<string, number>();
  for (const step of program.steps) {
    const place = step.kind === 'affine' ? places.get(step.inputs[0] ?? '') : undefined;
    const before = place === undefined ? undefined : steps[place];
    const lonely = readers.get(step.inputs[0] ?? '') === 1 && before?.activation === 'none';
    const merged = lonely && step.kind === 'affine' ? mergedBackward(before, step) : undefined;
    if (place === undefined || merged === undefined) {
      places.set(step.output, steps.length);
      steps.push(step);
      continue;
    }
    steps[place] = merged;
    places.set(merged.output, place);
  }
  return { ...program, steps };
}

function mergedBackward(before: Step, affine: Affine): Step | undefined {
  const { output, activation } = affine;
  if (isWeighted(before)) return { ...scaledOutputs(before, affine), output, activation };
  if (before.kind === 'affine') return { ...composed(before, affine), output, activation };
  return undefined;
}

function foldForward(program: Program): Program {
  const readers = countReaders(program);
  const folded = new Map<string, Affine>();
  const consumers = new Map(
    program.steps.flatMap((step) => step.inputs.map((name) => [name, step] as const)),
  );
  for (const step of program.steps) {
    if (step.kind !== 'affine' || step.activation !== 'none' || readers.get(step.output) !== 1) continue;
    const next = consumers.get(step.output);
    if (
      next !== undefined &&
      isWeighted(next) &&
      (isScale(step) || next.kind === 'dense' || isUnpadded(next.window))
    )
      folded.set(step.output, step);
  }
  const steps = program.steps.flatMap((step): Step[] => {
    if (folded.has(step.output)) return [];
    const affine = folded.get(step.inputs[0] ?? '');
    return [
      affine !== undefined && isWeighted(step)
        ? { ...scaledInputs(step, affine), inputs: affine.inputs }
        : step,
    ];
  });
  return { ...program, steps };
}

/**
 * Moves a scale out of one factor of a product into the convolution or dense layer behind it:
 * `W · (x · (s · g)) = (s · W) · (x · g)`. That rids squeeze-and-excite blocks of the sixth in their hard sigmoid.
 */
function sinkScales(program: Program): Program {
  const readers = countReaders(program);
  const values = new Map(program.values);
  const only = new Map(program.steps.flatMap((step) => step.inputs.map((name) => [name, step] as const)));
  const replaced = new Map<Step, Step>();
  const dropped = new Set<Step>();
  for (const step of program.steps) {
    const product = readers.get(step.output) === 1 ? only.get(step.output) : undefined;
    if (step.kind !== 'affine' || !isScale(step) || product?.kind !== 'multiply' || replaced.has(product))
      continue;
    const next = readers.get(product.output) === 1 ? only.get(product.output) : undefined;
    if (product.activation !== 'none' || next === undefined || !isWeighted(next) || replaced.has(next))
      continue;
    const unscaled = `${product.output}/unscaled`;
    values.set(unscaled, values.get(product.output) ?? { dtype: 'float32', shape: [] });
    const factors = product.inputs.map((name) => (name === step.output ? (step.inputs[0] ?? '') : name));
    dropped.add(step);
    replaced.set(product, { ...product, inputs: factors, output: unscaled });
    replaced.set(next, { ...scaledInputs(next, step), inputs: [unscaled] });
  }
  const steps = program.steps.filter((step) => !dropped.has(step)).map((step) => replaced.get(step) ?? step);
  return { ...program, steps, values };
}

/** One factor for all channels and no shift: padding does not matter then. */
function isScale({ scale, shift, activation }: Affine): boolean {
  return scale.length === 1 && shift.every((value) => value === 0) && activation === 'none';
}

function isWeighted(step: Step): step is Weighted {
  return step.kind === 'conv' || step.kind === 'depthwise' || step.kind === 'dense';
}

/** `(a · x + b) · c + d`. */
function composed(first: Affine, { scale, shift }: AffineOperation): Affine {
  const size = Math.max(first.scale.length, first.shift.length, scale.length, shift.length);
  const make = (value: (i: number) => number) => Float64Array.from({ length: size }, (_, i) => value(i));
  return {
    ...first,
    scale: make((i) => entry(first.scale, i) * entry(scale, i)),
    shift: make((i) => entry(first.shift, i) * entry(scale, i) + entry(shift, i)),
  };
}

/** Weights after which the outputs are `y · scale + shift`. */
function scaledOutputs<S extends Weighted>(step: S, { scale, shift }: AffineOperation): S {
  const filters = step.bias.length;
  // Depthwise kernels have their outputs innermost, the others outermost.
  const size = step.kernel.length / filters;
  const filterOf = (i: number) => (step.kind === 'depthwise' ? i % filters : Math.floor(i / size));
  return {
    ...step,
    kernel: step.kernel.map((value, i) => value * entry(scale, filterOf(i))),
    bias: step.bias.map((value, i) => value * entry(scale, i) + entry(shift, i)),
  };
}

/** Weights that give on `x` what the step gives on `x · scale + shift`. */
function scaledInputs<S extends Weighted>(step: S, { scale, shift }: AffineOperation): S {
  const { kernel, bias } = step;
  const [inputOf, filterOf] = kernelAxes(step);
  const sums = Float64Array.from(bias);
  kernel.forEach((value, i) => {
    const filter = filterOf(i);
    sums[filter] = (sums[filter] ?? 0) + value * entry(shift, inputOf(i, filter));
  });
  const scaled = kernel.map((value, i) => value * entry(scale, inputOf(i, filterOf(i))));
  return { ...step, kernel: scaled, bias: Float32Array.from(sums) };
}

/** Input channel and filter of a kernel's i-th value. */
function kernelAxes(step: Weighted): [(i: number, filter: number) => number, (i: number) => number] {
  const { kernel, bias } = step;
  const filters = bias.length;
  if (step.kind === 'depthwise')
    return [(_, filter) => Math.floor(filter / step.multiplier), (i) => i % filters];
  const size = kernel.length / filters;
  const depth = step.kind === 'dense' ? size : size / (step.window.size[0] * step.window.size[1]);
  const groupSize = step.kind === 'dense' ? filters : filters / step.groups;
  const input = (i: number, filter: number) => (i % depth) + depth * Math.floor(filter / groupSize);
  return [input, (i) => Math.floor(i / size)];
}

function entry(vector: Float64Array, i: number): number {
  return (vector.length === 1 ? vector[0] : vector[i]) ?? 0;
}
