import type { Command } from 'commander';

import {
  formatHailoCompiled,
  HAILO_ARCHITECTURES,
  hailoCompileJob,
  type HailoCompileOptions,
} from '../../../src/node.js';
import { withInterrupt } from '../interrupt.js';
import { choiceOption, withDebug, withJson } from '../options.js';
import { report } from '../output.js';

type CompileFlags = Omit<HailoCompileOptions, 'bundle'> & { readonly json?: true };

/** `mien hailo compile`. */
export function addHailoCompile(hailo: Command): void {
  const command = hailo
    .command('compile')
    .description("Make an executable of a bundle with Hailo's Dataflow Compiler, which must be installed.")
    .argument('<bundle>', 'folder that "mien hailo bundle" wrote')
    .requiredOption('--out <folder>', 'where the results go; an earlier attempt there is gone on with')
    .option('--dfc-python <path>', 'the Python that has the compiler', 'python3')
    .addOption(choiceOption('--hw-arch <name>', "accelerator (default: the bundle's)", HAILO_ARCHITECTURES))
    .addOption(
      choiceOption('--from <format>', 'which of the two models is compiled', ['onnx', 'tflite']).default(
        'onnx',
      ),
    );
  withDebug(withJson(command)).action(runCompile);
}

async function runCompile(bundle: string, { json, ...flags }: CompileFlags): Promise<void> {
  await withInterrupt('Stopping the compiler; Ctrl-C again ends at once.', async (hooks, display) => {
    const compiled = await hailoCompileJob({ ...flags, bundle }, hooks);
    display.close();
    await report(json, { version: 1, ...compiled }, () => formatHailoCompiled(compiled));
  });
}
