import { GraphError } from '../../core/errors.js';
import type { Shape } from '../../core/tensor.js';
import type { LayerGraph } from '../../models/layer-graph.js';
import type { FusedActivation, NamedValue, Operation, Program, Step, ValueType } from './program.js';

/** Where {@link ProgramBuilder.add} puts a step. */
export interface StepOptions {
  readonly name: string;
  readonly inputs: readonly string[];
  /** Shape of the result, batch first and channels last. */
  readonly shape: Shape;
  readonly activation?: FusedActivation;
  readonly exact?: boolean;
}

/** Collects the steps of a {@link Program}; every value is called after the step that makes it. */
export class ProgramBuilder {
  private readonly steps: Step[] = [];
  private readonly values = new Map<string, ValueType>();
  private readonly inputs: NamedValue[] = [];

  /** Declares an input; `value` is its name inside the program. */
  input(name: string, value: string, type: ValueType): string {
    this.values.set(value, type);
    this.inputs.push({ name, value });
    return value;
  }

  /** Adds a step; returns the name of its value. @throws GraphError on a second value of that name */
  add(operation: Operation, { name, inputs, shape, activation, exact }: StepOptions): string {
    if (this.values.has(name))
      throw new GraphError({
        where: 'program',
        received: `a second step "${name}"`,
        expected: 'unique names',
      });
    this.values.set(name, { dtype: 'float32', shape });
    const rest = exact === true ? { exact } : {};
    this.steps.push({ ...operation, name, inputs, output: name, activation: activation ?? 'none', ...rest });
    return name;
  }

  /** A name that no value has yet: `wanted`, or that with a number. */
  freeName(wanted: string): string {
    let name = wanted;
    for (let i = 1; this.values.has(name); i++) name = `${wanted}_${i}`;
    return name;
  }

  /** Shape of a value. @throws GraphError when it is unknown */
  shapeOf(value: string): Shape {
    const shape = this.values.get(value)?.shape;
    if (shape !== undefined) return shape;
    throw new GraphError({
      where: 'program',
      received: `the value "${value}"`,
      expected: 'topological order',
    });
  }

  build({ name }: Pick<LayerGraph, 'name'>, outputs: readonly NamedValue[]): Program {
    return { name, steps: this.steps, values: this.values, inputs: this.inputs, outputs };
  }
}
