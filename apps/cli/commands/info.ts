import type { Command } from 'commander';

import { formatModelInfo, modelInfo } from '../../../src/node.js';
import { withDebug, withJson } from '../options.js';
import { report } from '../output.js';

/** `mien info`. */
export function addInfo(program: Command): void {
  const command = program
    .command('info')
    .description('Say what a model is made of: layers, shapes, parameters, preprocessing, classes, origin.')
    .argument('<model>', 'run folder, .keras, .h5, .onnx or .tflite file, or shipped model');
  withDebug(withJson(command)).action(async (source: string, { json }: { readonly json?: true }) => {
    const info = await modelInfo(source);
    await report(json, info, () => formatModelInfo(info));
  });
}
