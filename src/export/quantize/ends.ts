import { GraphError } from '../../core/errors.js';
import type { Model } from '../../models/model.js';
import { buildProgram, endsInSoftmax, type ExportInput } from '../program/build-program.js';
import type { PictureSize } from '../program/image-steps.js';
import type { NamedValue, Program, Step } from '../program/program.js';
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
 * Puts the arithmetic on raw pictures before a quantized program and a softmax behind it, both in float32, as the float
 * export has them.
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
    softmax,
    names,
    hardSigmoid: 'arithmetic',
  });
  const before = input === 'normalized' ? [] : pictureSteps(around, inner.value);
  const after = softmax && !endsInSoftmax(model.graph, output.name) ? softmaxStep(output.value) : [];
  const added = [...before, ...after].map(({ name }) => [name, END_REASON] as const);
  return {
    ...quantized,
    kept: new Map([...kept, ...added]),
    program: {
      ...program,
      steps: [...before, ...program.steps, ...after],
      values: valuesOf(program, around, after[0]),
      inputs: input === 'normalized' ? [{ ...inner, name: names.input ?? inner.name }] : around.inputs,
      outputs: [{ name: single(around.outputs).name, value: after[0]?.output ?? output.value }],
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
function valuesOf(program: Program, around: Program, softmax: Step | undefined): Program['values'] {
  const values = new Map([...around.values, ...program.values]);
  const result = values.get(softmax?.inputs[0] ?? '');
  if (softmax !== undefined && result !== undefined) values.set(softmax.output, result);
  return values;
}

/** The steps on raw pictures; the last one makes the value that the quantized program takes. */
function pictureSteps({ steps }: Program, target: string): Step[] {
  const picture = steps.filter((step) => step.exact === true && step.name.startsWith('image/'));
  return picture.map((step, i) => (i === picture.length - 1 ? { ...step, output: target } : step));
}

function softmaxStep(value: string): Step[] {
  const name = 'probabilities';
  return [
    {
      kind: 'unary',
      function: 'softmax',
      name,
      inputs: [value],
      output: name,
      activation: 'none',
      exact: true,
    },
  ];
}
