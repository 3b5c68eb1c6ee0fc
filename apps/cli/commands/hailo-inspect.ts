import type { Command } from 'commander';

import { formatHailo, inspectHailo } from '../../../src/node.js';
import { withDebug, withJson } from '../options.js';
import { report } from '../output.js';

/** `mien hailo inspect`. */
export function addHailoInspect(hailo: Command): void {
  const command = hailo
    .command('inspect')
    .description("Describe a HEF (executable) or HAR (compiler archive) without Hailo's software.")
    .argument('<file>', 'the .hef or .har file');
  withDebug(withJson(command)).action(async (file: string, { json }: { readonly json?: true }) => {
    const found = inspectHailo(file);
    await report(json, found, () => `${formatHailo(found)}\n`);
  });
}
