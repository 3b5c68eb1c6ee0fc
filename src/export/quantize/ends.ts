import { GraphError } from '../../core/errors.js';
import type { Model } from '../../models/model.js';
import { affineOf } from '../program/affine-steps.js';
import { buildProgram, type ExportInput } from '../program/build-program.js';
import type { PictureSize } from '../program/image-steps.js';
import type { NamedValue, Operation, Program, Step } from '../program/program.js';
import type { QuantizedProgram } from './quantized-program.js';

/** What stands before and behind the quantized part. */
export interface EndOptions {
  /** `normalized` (the default): pictures as the net takes them; `image`: raw uint8, normalized inside; `pixels`: as floats. */
  readonly input?: ExportInput;
  /** Size of raw pictures: the record's source size (the default) or its input size. */
  readonly pictures?: PictureSize;
  /** Ends in probabilities instead of logits. */
  readonly softmax?: boolean;
  /** Names of the input and the output. */
  readonly names?: { readonly input?: string; readonly output?: string };
}

/**
 * Puts the arithmetic on raw pictures before a quantized program, and the division by the model's temperature and a
 * softmax behind it unless it ends in one, all in float32, as the float export has them.
 */
export function withEnds(model: Model, quantized: QuantizedProgram, options: EndOptions): QuantizedProgram {
  const { input = 'normalized', pictures = 'source', softmax = false, names = {} } = options;
  const { program, kept } = quantized;
  const inner = single(program.inputs);
  const output = single(program.outputs);
  const around = buildProgram(model, {
    batch: 1,
    input,
    pictures,
    softmax: false,
    names,
    hardSigmoid: 'arithmetic',
  });
  const before = input === 'normalized' ? [] : pictureSteps(around, inner.value);
  const after = softmax && !makesProbabilities(program) ? probabilitySteps(program, model) : [];
  const added = [...before, ...after].map(({ name }) => [name, END_REASON] as const);
  const last = after.at(-1)?.output;
  return {
    ...quantized,
    kept: new Map([...kept, ...added]),
    program: {
      ...program,
      steps: [...before, ...program.steps, ...after],
      values: valuesOf(program, around, after),
      inputs: input === 'normalized' ? [{ ...inner, name: names.input ?? inner.name }] : around.inputs,
      outputs: [{ name: names.output ?? last ?? output.name, value: last ?? output.value }],
    },
  };
}

const END_REASON = 'arithmetic on raw pictures or probabilities';

function single(values: readonly NamedValue[]): NamedValue {
  const [only] = values;
  if (only !== undefined) return only;
  throw new GraphError({ where: 'quantization', received: 'no input or output', expected: 'one of each' });
}

/** Types of the quantized program's values, then of those that only the ends have. */
function valuesOf(program: Program, around: Program, after: readonly Step[]): Program['values'] {
  const values = new Map([...around.values, ...program.values]);
  for (const { inputs, output } of after) {
    const type = values.get(inputs[0] ?? '');
    if (type !== undefined) values.set(output, type);
  }
  return values;
}

/** The steps on raw pictures; the last one makes the value that the quantized program takes. */
function pictureSteps({ steps }: Program, target: string): Step[] {
  const picture = steps.filter((step) => step.exact === true && step.name.startsWith('image/'));
  return picture.map((step, i) => (i === picture.length - 1 ? { ...step, output: target } : step));
}

/** Whether a program's last step is a softmax. */
export function makesProbabilities({ steps, outputs }: Program): boolean {
  const [output] = outputs;
  const last = steps.find((step) => step.output === output?.value);
  return last?.kind === 'unary' && last.function === 'softmax';
}

/** Probabilities from a program's logits. The float export's own steps may be folded into its last layer. */
function probabilitySteps(program: Program, { calibration }: Model): Step[] {
  const logits = single(program.outputs).value;
  const step = (wanted: string, operation: Operation, input: string): Step => {
    const name = freeName(program, wanted);
    return { ...operation, name, inputs: [input], output: name, activation: 'none', exact: true };
  };
  const tempered =
    calibration === undefined ? [] : [step('temperature', affineOf(1 / calibration.temperature, 0), logits)];
  const input = tempered[0]?.output ?? logits;
  return [...tempered, step('probabilities', { kind: 'unary', function: 'softmax' }, input)];
}

/** A layer may be called as an added step would be, as a dense layer whose softmax was taken off. */
function freeName({ values, steps }: Program, wanted: string): string {
  const taken = new Set([...values.keys(), ...steps.map((step) => step.name)]);
  let name = wanted;
  for (let i = 1; taken.has(name); i++) name = `${wanted}_${i}`;
  return name;
}
