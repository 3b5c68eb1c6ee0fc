import type { HailoArchitecture } from './architectures.js';

/** Which of a bundle's two models is compiled. */
export type BundleModel = 'onnx' | 'tflite';

/** First and last node of a model, for the parser. */
export interface NodeNames {
  readonly start: string;
  readonly end: string;
}

/** What the compiler's three commands need. */
export interface CompilerJob {
  /** The network's name inside the compiler. */
  readonly name: string;
  readonly architecture: HailoArchitecture;
  readonly from: BundleModel;
  readonly nodes: NodeNames;
  /** Paths. */
  readonly model: string;
  readonly calibration: string;
  readonly script: string;
  /** Folder of the results. */
  readonly out: string;
}

/** Paths of the stages' results. */
export interface StageFiles {
  readonly native: string;
  readonly quantized: string;
  readonly compiled: string;
  readonly hef: string;
}

/** Where each stage's result lies. */
export function stageFiles({ name, out }: Pick<CompilerJob, 'name' | 'out'>): StageFiles {
  const path = (file: string) => (out === '.' ? file : `${out}/${file}`);
  return {
    native: path(`${name}.har`),
    quantized: path(`${name}_quantized.har`),
    compiled: path(`${name}_compiled.har`),
    hef: path(`${name}.hef`),
  };
}

/** Arguments of `hailo parser`: float model → archive. */
export function parserArguments(job: CompilerJob): string[] {
  const { name, architecture, from, nodes, model } = job;
  return [
    ...['parser', from === 'onnx' ? 'onnx' : 'tf', model, '--net-name', name, '--hw-arch', architecture],
    ...['--start-node-names', nodes.start, '--end-node-names', nodes.end],
    ...['--har-path', stageFiles(job).native, '-y'],
  ];
}

/** Arguments of `hailo optimize`: archive → quantized archive. */
export function optimizeArguments(job: CompilerJob): string[] {
  const { architecture, calibration, script } = job;
  const { native, quantized } = stageFiles(job);
  return [
    ...['optimize', native, '--hw-arch', architecture, '--calib-set-path', calibration],
    ...['--model-script', script, '--output-har-path', quantized],
  ];
}

/** Arguments of `hailo compiler`: quantized archive → executable. */
export function compilerArguments(job: CompilerJob): string[] {
  const { architecture, out } = job;
  const { quantized, compiled } = stageFiles(job);
  return [
    ...['compiler', quantized, '--hw-arch', architecture],
    ...['--output-dir', out, '--output-har-path', compiled],
  ];
}

/** The three commands as a person types them in the bundle's folder. */
export function commandLines(job: CompilerJob): string[] {
  return [parserArguments(job), optimizeArguments(job), compilerArguments(job)].map((command) =>
    ['hailo', ...command.map(quoted)].join(' '),
  );
}

function quoted(word: string): string {
  return /^[\w./=:,+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
