import { InputError } from '../../core/errors.js';
import type { Model } from '../../models/model.js';
import { buildProgram } from '../program/build-program.js';
import type { Program } from '../program/program.js';
import { firstBatches, type GraphEngine, type PictureSource } from './engine.js';
import { equalizeProgram, type EqualizedProgram } from './equalize.js';
import { compareOutputs, floatOutputs, quantizedOutputs, type Agreement, type Outputs } from './measure.js';
import { observeProgram, type ValueStatistics } from './observe.js';
import { prepareProgram } from './prepare.js';
import { isWeighted } from './quantized-program.js';
import { quantizeProgram, type Quantized } from './quantize-program.js';
import type { RangeMethod } from './ranges.js';
import { sensitiveSteps } from './sensitivity.js';
import { gateSwishes } from './gate-swishes.js';
import { splitSwishes } from './split-swish.js';

/** Options of {@link quantizeModel}. */
export interface QuantizeModelOptions {
  readonly engine: GraphEngine;
  /** Pictures from which ranges are taken. */
  readonly calibration: PictureSource;
  /** Other pictures, on which repairs are compared; never those of the test. */
  readonly held: PictureSource;
  /** Range methods to choose from; all by default. */
  readonly methods?: readonly RangeMethod[];
  /** Repairs to try; all by default. */
  readonly repairs?: readonly Repair[];
  /** Names of steps (layers) that stay in float32 in any case. */
  readonly keep?: readonly string[];
  /** Least signal-to-noise ratio of the outputs in dB; below it, sensitive steps are kept in float32. */
  readonly leastSnr?: number;
  readonly onProgress?: (what: string, done: number, total: number) => void;
}

/** A repair: hard swishes of the stem split and channels equalized, or biases corrected. */
export type Repair = 'equalize' | 'bias';

/** All repairs. */
export const REPAIRS: readonly Repair[] = ['equalize', 'bias'];

/** One try, measured on the held pictures. */
export interface Trial extends Agreement {
  readonly name: string;
}

/** A quantized model and how it came about. */
export interface QuantizedModel {
  readonly quantized: Quantized;
  readonly trials: readonly Trial[];
  /** Name of the trial that was taken. */
  readonly taken: string;
  /** Hard swishes that were written as products of two convolutions, by the value that goes in. */
  readonly split: readonly string[];
  /** By how much channels were divided, for values that steps with weights make; values without are as they were. */
  readonly divisors: Readonly<Record<string, readonly number[]>>;
}

/** Default of {@link QuantizeModelOptions.leastSnr}. */
const LEAST_SNR = 14;
/** Batches that are enough to find how large channels are. */
const FEW = 8;

/**
 * Quantizes a model to eight bits after training: weights symmetric per filter, activations asymmetric per tensor.
 *
 * Each repair is tried and kept where it brings the outputs nearer to the float model's on held pictures; if they are still
 * not near enough, the steps that do most of the harm stay in float32.
 *
 * @throws InputError for a model with several inputs or outputs
 * @example
 * const { quantized } = await quantizeModel(model, { engine: ortNode(), calibration, held });
 * const onnx = writeQuantizedOnnx(model, quantized);
 */
export async function quantizeModel(model: Model, options: QuantizeModelOptions): Promise<QuantizedModel> {
  checkSingle(model);
  const bench = new Bench(model, options);
  await bench.prepare();
  const { repairs = REPAIRS } = options;
  await bench.try('plain', { equalized: false, bias: false });
  if (repairs.includes('bias')) await bench.try('bias correction', { equalized: false, bias: true });
  if (repairs.includes('equalize')) {
    await bench.try('equalization', { equalized: true, bias: false });
    if (repairs.includes('bias'))
      await bench.try('equalization, bias correction', { equalized: true, bias: true });
  }
  return bench.finish();
}

/** The program that quantization starts from, for any batch size; `arithmetic` is what TensorFlow Lite needs. */
export function programOf(model: Model, batch: number): Program {
  return prepareProgram(
    buildProgram(model, {
      batch,
      input: 'normalized',
      pictures: 'source',
      softmax: false,
      names: {},
      hardSigmoid: 'arithmetic',
    }),
  );
}

function checkSingle({ graph }: Model): void {
  const { inputs, outputs } = graph;
  if (inputs.length === 1 && outputs.length === 1) return;
  const received = `${inputs.length} inputs and ${outputs.length} outputs`;
  throw new InputError({ where: `quantization of "${graph.name}"`, received, expected: 'one of each' });
}

interface Candidate extends Trial {
  readonly quantized: Quantized;
  readonly plan: Plan;
}

interface Plan {
  readonly equalized: boolean;
  readonly bias: boolean;
  readonly keep?: ReadonlyMap<string, string>;
}

/** A form of the program with what is known of it. */
interface Subject {
  readonly program: Program;
  readonly statistics: ReadonlyMap<string, ValueStatistics>;
  readonly floors: ReadonlyMap<string, number>;
  readonly divisors?: QuantizedModel['divisors'];
}

class Bench {
  private readonly candidates: Candidate[] = [];
  private readonly program: Program;
  private plain: Subject | undefined;
  private equalized: Subject | undefined;
  private exact: Outputs = { values: new Float32Array(0), classes: 1 };

  constructor(
    model: Model,
    private readonly options: QuantizeModelOptions,
  ) {
    this.program = programOf(model, options.calibration.batchSize);
  }

  async prepare(): Promise<void> {
    const { engine, held } = this.options;
    this.exact = await floatOutputs(engine, this.program, held);
  }

  async try(name: string, plan: Plan): Promise<void> {
    const { engine, held, methods } = this.options;
    const { program, statistics, floors } = await this.subjectOf(plan);
    const { bias: biasCorrection } = plan;
    const keep = new Map([...(plan.keep ?? []), ...askedFor(program, this.options.keep)]);
    const quantized = quantizeProgram(program, {
      statistics,
      floors,
      biasCorrection,
      ...(methods === undefined ? {} : { methods }),
      keep,
    });
    const outputs = await quantizedOutputs(engine, quantized, held);
    this.candidates.push({ name, plan, quantized, ...compareOutputs(outputs, this.exact) });
  }

  async finish(): Promise<QuantizedModel> {
    const { leastSnr = LEAST_SNR } = this.options;
    if (this.best.snr < leastSnr) await this.keepSensitive(leastSnr);
    const { quantized, name, plan } = this.best;
    const { floors = new Map<string, number>(), divisors = {} } =
      (plan.equalized ? this.equalized : undefined) ?? {};
    const trials = this.candidates.map((trial) => ({ name: trial.name, snr: trial.snr, same: trial.same }));
    return { quantized, trials, taken: name, split: [...floors.keys()], divisors };
  }

  private async keepSensitive(leastSnr: number): Promise<void> {
    const { engine, held } = this.options;
    const { quantized, plan, name } = this.best;
    const few = firstBatches(held, 1);
    const ranked = await sensitiveSteps(engine, quantized, few, (done, total) =>
      this.options.onProgress?.('measuring how sensitive each layer is', done, total),
    );
    for (const count of [2, 4, 8, 16]) {
      const keep = new Map(ranked.slice(0, count).map(({ step, snr }) => [step, reasonOf(snr)]));
      await this.try(`${name}, ${count} steps in float32`, { ...plan, keep });
      if (this.best.snr >= leastSnr) return;
    }
  }

  private get best(): Candidate {
    const [first, ...others] = this.candidates;
    if (first === undefined) throw new RangeError('quantization: nothing was tried');
    return others.reduce((best, next) => (next.snr > best.snr ? next : best), first);
  }

  private async subjectOf({ equalized }: Plan): Promise<Subject> {
    if (!equalized) return (this.plain ??= await this.observed(gateSwishes(this.program), new Map()));
    return (this.equalized ??= await this.equalize());
  }

  private async equalize(): Promise<Subject> {
    const { statistics } = await this.subjectOf({ equalized: false, bias: false });
    const split = splitSwishes(this.program, statistics);
    const { factors } = split;
    const program = gateSwishes(split.program);
    const { engine, calibration } = this.options;
    const sizes =
      factors.length === 0
        ? statistics
        : await observeProgram(engine, program, firstBatches(calibration, FEW));
    const scaled = equalizeProgram(program, sizes);
    const floors = factors.map((name) => {
      const smallest = Math.min(...(scaled.divisors.get(name) ?? [1]));
      return [name, -0.5 / smallest] as const;
    });
    return { ...(await this.observed(scaled.program, new Map(floors))), divisors: scaledChannels(scaled) };
  }

  private async observed(program: Program, floors: ReadonlyMap<string, number>): Promise<Subject> {
    const { engine, calibration, onProgress } = this.options;
    const statistics = await observeProgram(engine, program, calibration, (done) =>
      onProgress?.('measuring activations', done, calibration.count),
    );
    return { program, statistics, floors };
  }
}

/** Steps that a person wants in float32. @throws InputError on a name that no step has */
function askedFor({ name, steps }: Program, keep: readonly string[] = []): [string, string][] {
  const known = new Set(steps.map((step) => step.name));
  const strange = keep.find((wanted) => !known.has(wanted));
  if (strange === undefined) return keep.map((wanted) => [wanted, 'asked for']);
  throw new InputError({
    where: '--keep',
    received: `"${strange}"`,
    expected: `layers of "${name}" in eight bits`,
    remedy: 'take names from quantization_report.md',
  });
}

function scaledChannels({ program, divisors }: EqualizedProgram): QuantizedModel['divisors'] {
  const entries = program.steps.filter(isWeighted).flatMap(({ output }) => {
    const numbers = Array.from(divisors.get(output) ?? []);
    return numbers.some((number) => number !== 1) ? [[output, numbers] as const] : [];
  });
  return Object.fromEntries(entries);
}

function reasonOf(snr: number): string {
  return `alone in eight bits it leaves ${snr.toFixed(1)} dB of the outputs`;
}
