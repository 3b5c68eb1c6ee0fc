import type { Command } from 'commander';

import { EXPLAIN_METHODS, explainJob, ortNode, SHIPPED, type ExplainMethod } from '../../../src/node.js';
import { choiceOption, MODELS, withDebug, withJson, withRecords } from '../options.js';
import { report } from '../output.js';

interface ExplainFlags {
  readonly model: string;
  readonly method: ExplainMethod;
  readonly class?: string;
  readonly out: string;
  readonly classes?: readonly string[];
  readonly preprocessing?: string;
  readonly json?: true;
}

/** `mien explain`. */
export function addExplain(program: Command): void {
  const command = program
    .command('explain')
    .description('Show where a model looked for its answer.')
    .argument('<image>', 'picture of a face')
    .option('--model <model>', MODELS.layers, SHIPPED[0] ?? '')
    .addOption(
      choiceOption(
        '--method <name>',
        'gradients of the last feature maps, or covering one place after another',
        EXPLAIN_METHODS,
      ).default('grad-cam'),
    )
    .option('--class <name>', 'class to explain (default: the answer)')
    .requiredOption('--out <file>', 'PNG with the map over the picture');
  withDebug(withJson(withRecords(command))).action(runExplain);
}

async function runExplain(image: string, flags: ExplainFlags): Promise<void> {
  const { json, class: target, ...options } = flags;
  const explained = await explainJob({
    ...options,
    ...(target === undefined ? {} : { target }),
    image,
    runtime: ortNode(),
  });
  const { map, ...rest } = explained;
  const document = { version: 1, image, model: flags.model, out: flags.out, ...rest };
  await report(json, { ...document, map: { ...map, values: Array.from(map.values) } }, () => {
    const share = (100 * (rest.probabilities[rest.target] ?? 0)).toFixed(1);
    return `${rest.target} ${share} %, answer ${rest.class}; map of ${map.width}x${map.height}: ${flags.out}\n`;
  });
}
