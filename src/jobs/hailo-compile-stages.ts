import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { InputError, messageOf } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { compilerArguments, optimizeArguments, parserArguments } from '../export/hailo/bundle/commands.js';
import { stageFiles, type CompilerJob } from '../export/hailo/bundle/commands.js';
import { compilerLayers } from '../export/hailo/bundle/layer-names.js';
import { BUNDLE_FILES } from '../export/hailo/bundle/manifest.js';
import { precisionCommands } from '../export/hailo/bundle/script.js';
import type { JobHooks } from './events.js';
import type { OpenBundle } from './hailo-bundle-read.js';
import { EMULATED, readCheck } from './hailo-compile-check.js';
import type { CompileStage, FinishedStage } from './hailo-compile-state.js';
import { runProgram, type Compiler } from './hailo-dfc.js';
import { inspectHailo } from './hailo-inspect-job.js';
import { packageFile } from './package.js';

/** What every stage needs. */
export interface StageContext {
  readonly bundle: OpenBundle;
  readonly compiler: Compiler;
  readonly job: CompilerJob;
  readonly out: string;
  readonly log: string;
  readonly hooks: JobHooks;
}

/** What a stage made: paths inside the folder, and warnings worth repeating. */
export interface StageResult extends Omit<FinishedStage, 'files' | 'seconds'> {
  readonly files: readonly string[];
}

/** Runs one stage. @throws InputError when it fails, with the end of what the compiler said */
export function runStage(stage: CompileStage, context: StageContext): Promise<StageResult> {
  return STAGES[stage](context);
}

const STAGES: Readonly<Record<CompileStage, (context: StageContext) => Promise<StageResult>>> = {
  parse: async (context) => {
    const { native } = stageFiles(context.job);
    const ran = await hailo('parse', context, parserArguments(context.job), [native]);
    return finished('parse', context, ran, [native]);
  },
  optimize,
  check,
  compile: async (context) => {
    const { compiled, hef } = stageFiles(context.job);
    const ran = await hailo('compile', context, compilerArguments(context.job), [hef, compiled]);
    takeOnlyExecutable(context.out, hef);
    const result = finished('compile', context, ran, [hef, compiled]);
    // The reader verifies the executable's checksum.
    inspectHailo(join(context.out, hef));
    return result;
  },
};

/** Where the compiler named its result otherwise and there is no doubt which it is, it gets the expected name. */
function takeOnlyExecutable(out: string, hef: string): void {
  const found = readdirSync(out).filter((file) => file.endsWith('.hef'));
  const [only] = found;
  if (found.length === 1 && only !== undefined && only !== hef) renameSync(join(out, only), join(out, hef));
}

/** As the bundle asks; where that fails, once more at level 0. */
async function optimize(context: StageContext): Promise<StageResult> {
  const { bundle, job, hooks } = context;
  const asked = bundle.manifest.script.optimizationLevel;
  const { quantized } = stageFiles(job);
  const lines = precisionLines(context);
  const attempt = async (file: string, level: number): Promise<StageResult | Failure> => {
    writeScript(context, file, lines);
    const ran = await hailo('optimize', context, optimizeArguments({ ...job, script: file }), [quantized]);
    if (isFailure(ran, context, [quantized])) return { failure: ran };
    return { ...finished('optimize', context, ran, [quantized, file]), optimizationLevel: level };
  };
  const first = await attempt(BUNDLE_FILES.script, asked);
  if (!('failure' in first)) return first;
  if (asked === 0) throw failed('optimize', context, first.failure);
  hooks.onEvent?.({ kind: 'note', text: `optimize failed at level ${asked}; trying level 0` });
  const second = await attempt(BUNDLE_FILES.fallbackScript, 0);
  if ('failure' in second) throw failed('optimize', context, second.failure);
  const warning = `optimized at level 0, since level ${asked} failed (see ${context.log})`;
  return { ...second, warnings: [warning, ...second.warnings] };
}

interface Failure {
  readonly failure: Ran;
}

/** Model script lines for layers that keep 16 bits, by the names that the parser gave them. */
function precisionLines({ bundle, job, out }: StageContext): string[] {
  const { a16w16 } = bundle.manifest;
  if (a16w16.length === 0) return [];
  const { native } = stageFiles(job);
  const found = inspectHailo(join(out, native));
  return precisionCommands(compilerLayers(native, found.format === 'har' ? found.layers : [], a16w16));
}

function writeScript({ bundle, out }: StageContext, file: string, lines: readonly string[]): void {
  const text = readFileSync(join(bundle.folder, file), 'utf8');
  writeFileAtomic(join(out, file), `${text.trimEnd()}\n${lines.map((line) => `${line}\n`).join('')}`);
}

async function check(context: StageContext): Promise<StageResult> {
  const { bundle, compiler, job, out } = context;
  const script = packageFile('assets', 'hailo', 'check.py');
  const images = resolve(bundle.folder, BUNDLE_FILES.checkImages);
  const { quantized } = stageFiles(job);
  rmSync(join(out, EMULATED), { force: true });
  const ran = await run('check', context, compiler.python, [script, quantized, images, EMULATED]);
  const result = finished('check', context, ran, [EMULATED]);
  const { emulated } = readCheck({ bundle, out });
  if (emulated.agreement >= 0.99) return result;
  const share = (100 * emulated.agreement).toFixed(1);
  const warning =
    `the compiler's float model gives the float model's class on only ${share} % of the check images: ` +
    'the translation or the normalization is wrong';
  return { ...result, warnings: [warning, ...result.warnings] };
}

/** How a command of a stage ended. */
interface Ran {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly warnings: readonly string[];
}

/** Runs a command after removing what an earlier attempt may have left of its results. */
function hailo(
  stage: CompileStage,
  context: StageContext,
  args: readonly string[],
  results: readonly string[],
): Promise<Ran> {
  for (const file of results) rmSync(join(context.out, file), { force: true });
  return run(stage, context, context.compiler.hailo, args);
}

/** What the compiler prints when it does less than it was asked for. */
const WARNING = /reducing (optimization|compression) level/i;

async function run(
  stage: CompileStage,
  { out, log, hooks }: StageContext,
  command: string,
  args: readonly string[],
): Promise<Ran> {
  appendFileSync(log, `\n== ${stage}: ${new Date().toISOString()}\n$ ${[command, ...args].join(' ')}\n`);
  const warnings: string[] = [];
  const onLine = (line: string) => {
    if (WARNING.test(line)) warnings.push(line);
  };
  const shouldStop = hooks.shouldStop;
  const options = { cwd: out, log, onLine, ...(shouldStop === undefined ? {} : { shouldStop }) };
  const ended = await runProgram(command, args, options).catch((error: unknown) => {
    const received = `"${messageOf(error)}" while starting ${command}`;
    throw new InputError({ where: stage, received, expected: 'a program that runs' }, { cause: error });
  });
  if (!ended.stopped) return { code: ended.code, lines: ended.lines, warnings };
  throw new InputError({
    where: stage,
    received: 'a wish to stop',
    expected: 'to go on',
    remedy: 'run the same command again to resume',
  });
}

function isFailure({ code }: Ran, { out }: StageContext, files: readonly string[]): boolean {
  return code !== 0 || files.some((file) => !existsSync(join(out, file)));
}

function finished(
  stage: CompileStage,
  context: StageContext,
  ran: Ran,
  files: readonly string[],
): StageResult {
  if (isFailure(ran, context, files.slice(0, 1))) throw failed(stage, context, ran);
  return { files: files.filter((file) => existsSync(join(context.out, file))), warnings: ran.warnings };
}

function failed(stage: CompileStage, { log }: StageContext, { code, lines }: Ran): InputError {
  const last = lines.findLast((line) => /error|exception|failed/i.test(line)) ?? lines.at(-1) ?? 'nothing';
  const how = code === 0 ? 'no result' : code === null ? 'a program ended by a signal' : `exit code ${code}`;
  return new InputError({
    where: stage,
    received: `${how} after "${last.slice(0, 300)}"`,
    expected: 'a result',
    remedy: `read ${log}, then run the same command again, which goes on with this stage`,
  });
}
