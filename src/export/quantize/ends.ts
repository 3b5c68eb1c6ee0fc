import type { Model } from '../../models/model.js';
import { buildProgram, endsInSoftmax, type ExportInput } from '../program/build-program.js';
import type { PictureSize } from '../program/image-steps.js';
import type { Program, Step } from '../program/program.js';
import type { QuantizedProgram } from './quantized-program.js';

/** What stands before and behind the quantized part. */
export interface EndOptions {
  /** `normalized` (the default): pictures as the net takes them; `image`: raw uint8 [N, h, w, C], normalized inside. */
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
  const { graph } = model;
  const [inner] = program.inputs;
  const [output] = program.outputs;
  if (inner === undefined || output === undefined) return quantized;
  const around = buildProgram(model, { batch: 1, input, pictures, softmax, names, hardSigmoid: 'arithmetic' });
  const before = input === 'image' ? pictureSteps(around, inner.value) : [];
  const after = softmax && !endsInSoftmax(graph, graph.outputs[0] ?? '') ? softmaxStep(output.value) : [];
  const added = [...before, ...after];
  const values = new Map(program.values);
  for (const { name } of added) values.set(name, around.values.get(name) ?? { dtype: 'float32', shape: [] });
  for (const { value } of around.inputs)
    values.set(value, around.values.get(value) ?? { dtype: 'float32', shape: [] });
  for (const step of before) values.set(step.output, values.get(step.output) ?? around.values.get(step.name) ?? { dtype: 'float32', shape: [] });
  if (after.length > 0) values.set('probabilities', program.values.get(output.value) ?? { dtype: 'float32', shape: [] });
  return {
    ...quantized,
    kept: new Map([...kept, ...added.map(({ name }) => [name, 'arithmetic on raw pictures or probabilities'] as const)]),
    program: {
      ...program,
      steps: [...before, ...program.steps, ...after],
      values,
      inputs: input === 'image' ? around.inputs : [{ ...inner, name: names.input ?? inner.name }],
      outputs: [{ name: around.outputs[0]?.name ?? output.name, value: after[0]?.output ?? output.value }],
    },
  };
}

/** The steps on raw pictures; the last one makes the value that the quantized program takes. */
function pictureSteps({ steps }: Program, target: string): Step[] {
  const picture = steps.filter((step) => step.exact === true && step.name.startsWith('image/'));
  return picture.map((step, i) => (i === picture.length - 1 ? { ...step, output: target } : step));
}

function softmaxStep(value: string): Step[] {
  const name = 'probabilities';
  return [
    { kind: 'unary', function: 'softmax', name, inputs: [value], output: name, activation: 'none', exact: true },
  ];
}
