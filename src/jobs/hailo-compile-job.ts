import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { checkOneOf } from '../core/checks.js';
import { InputError, messageOf } from '../core/errors.js';
import { HAILO_ARCHITECTURES, type HailoArchitecture } from '../export/hailo/bundle/architectures.js';
import type { CheckOutcome } from '../export/hailo/bundle/check.js';
import { stageFiles, type BundleModel, type CompilerJob } from '../export/hailo/bundle/commands.js';
import { BUNDLE_FILES } from '../export/hailo/bundle/manifest.js';
import type { JobHooks } from './events.js';
import { openBundle, type OpenBundle } from './hailo-bundle-read.js';
import { readCheck } from './hailo-compile-check.js';
import { runStage, type StageContext } from './hailo-compile-stages.js';
import { COMPILE_STAGES, finishStage, isFinished, readState } from './hailo-compile-state.js';
import type { CompileStage, CompileState, FinishedStage } from './hailo-compile-state.js';
import { findCompiler } from './hailo-dfc.js';
import { sha256Of } from './sha256.js';

/** What {@link hailoCompileJob} compiles and where. */
export interface HailoCompileOptions {
  /** A folder that `hailoBundleJob` wrote. */
  readonly bundle: string;
  /** Folder of the results; one of an earlier attempt is gone on with. */
  readonly out: string;
  /** The Python that has Hailo's compiler; default `python3`. */
  readonly dfcPython?: string;
  /** By default the bundle's. */
  readonly hwArch?: string;
  /** Which model is compiled; default `onnx`. */
  readonly from?: BundleModel;
}

/** What came of it. */
export interface HailoCompiled {
  readonly out: string;
  readonly compiler: string;
  readonly architecture: HailoArchitecture;
  readonly hef: string;
  readonly stages: Readonly<Record<CompileStage, FinishedStage>>;
  /** Stages taken over from an earlier attempt. */
  readonly resumed: readonly CompileStage[];
  readonly check: CheckOutcome;
  readonly log: string;
}

/**
 * Makes an executable of a bundle with Hailo's Dataflow Compiler, which must be installed: `hailo parser`, `hailo
 * optimize` (again at level 0 where it fails), the check images through the compiler's emulator, `hailo compiler`.
 *
 * Each stage's file is kept, everything printed is in `compile.log`, and a later call goes on after the last stage that
 * was finished with the same bundle, architecture and compiler.
 *
 * @throws InputError when the bundle is damaged, the compiler missing, or a stage fails
 * @example
 * const { hef, check } = await hailoCompileJob({ bundle: 'hailo8', out: 'compiled', dfcPython: 'dfc/bin/python' });
 */
export async function hailoCompileJob(
  options: HailoCompileOptions,
  hooks: JobHooks = {},
): Promise<HailoCompiled> {
  const { out, dfcPython = 'python3', from = 'onnx' } = options;
  const bundle = openBundle(options.bundle);
  const architecture = architectureOf(options, bundle);
  const compiler = await findCompiler(dfcPython, architecture, options.bundle);
  makeFolder(out);
  const note = (text: string) => hooks.onEvent?.({ kind: 'note', text });
  for (const file of bundle.edited) note(`${file} was edited after the bundle was made.`);
  note(`Dataflow Compiler ${compiler.version || 'of unknown version'} (${compiler.hailo})`);
  const dependsOn = { ...bundle.digests, architecture, from, compiler: compiler.version };
  const key = createHash('sha256').update(JSON.stringify(dependsOn)).digest('hex');
  const { state, stale } = readState(out, key);
  if (stale) note('Starting over: the bundle, the architecture or the compiler is another than before.');
  const job = compilerJob(bundle, architecture, from);
  const log = join(out, 'compile.log');
  const context: StageContext = { bundle, compiler, job, out, log, hooks };
  const { stages, resumed } = await runStages(context, state);
  const { hef } = stageFiles(job);
  for (const file of [BUNDLE_FILES.labels, BUNDLE_FILES.preprocessing]) {
    copyFileSync(join(options.bundle, file), join(out, file));
  }
  return {
    ...{ out, compiler: compiler.version, architecture, hef: join(out, hef) },
    ...{ stages, resumed, check: readCheck(context), log },
  };
}

function architectureOf({ hwArch }: HailoCompileOptions, { manifest }: OpenBundle): HailoArchitecture {
  return hwArch === undefined ? manifest.architecture : checkOneOf('--hw-arch', hwArch, HAILO_ARCHITECTURES);
}

function makeFolder(out: string): void {
  try {
    mkdirSync(out, { recursive: true });
  } catch (error) {
    const received = `"${messageOf(error)}" while making ${out}`;
    const expected = 'a folder that can be written';
    throw new InputError({ where: '--out', received, expected }, { cause: error });
  }
}

/** The compiler runs in the result's folder, where it leaves logs of its own; the bundle is named by its full path. */
function compilerJob(
  { folder, manifest }: OpenBundle,
  architecture: HailoArchitecture,
  from: BundleModel,
): CompilerJob {
  const path = (file: string) => resolve(folder, file);
  return {
    ...{ name: manifest.name, architecture, from, nodes: manifest.nodes[from] },
    ...{ model: path(BUNDLE_FILES[from]), calibration: path(BUNDLE_FILES.calibration) },
    ...{ script: BUNDLE_FILES.script, out: '.' },
  };
}

async function runStages(
  context: StageContext,
  before: CompileState,
): Promise<Pick<HailoCompiled, 'stages' | 'resumed'>> {
  const { out, hooks } = context;
  const note = (text: string) => hooks.onEvent?.({ kind: 'note', text });
  const resumed: CompileStage[] = [];
  let state = before;
  for (const [position, stage] of COMPILE_STAGES.entries()) {
    const title = `[${position + 1}/${COMPILE_STAGES.length}] ${stage}`;
    if (resumed.length === position && isFinished(out, state, stage)) {
      resumed.push(stage);
      note(`${title}: done before`);
      continue;
    }
    hooks.onEvent?.({ kind: 'working', what: title, done: 0, total: 1 });
    const started = performance.now();
    const { files, ...rest } = await runStage(stage, context);
    const seconds = (performance.now() - started) / 1000;
    const digests = Object.fromEntries(files.map((file) => [file, sha256Of(join(out, file))]));
    state = finishStage(out, state, stage, { seconds, files: digests, ...rest });
    note(`${title}: ${seconds.toFixed(1)} s, ${files.join(', ')}`);
    for (const warning of rest.warnings) note(`  ${warning}`);
  }
  return { stages: state.stages as HailoCompiled['stages'], resumed };
}
