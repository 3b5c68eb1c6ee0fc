import type { Command } from 'commander';

import {
  formatHailoBundle,
  HAILO_ARCHITECTURES,
  hailoBundleJob,
  ortNode,
  type HailoBundleOptions,
} from '../../../src/node.js';
import { withDisplay } from '../display.js';
import {
  choiceOption,
  MODELS,
  namesOf,
  withCache,
  withDebug,
  withJson,
  withRecords,
  wholeOf,
} from '../options.js';
import { report } from '../output.js';

type BundleFlags = Omit<HailoBundleOptions, 'model' | 'runtime'> & { readonly json?: true };

/** `mien hailo bundle`. */
export function addHailoBundle(hailo: Command): void {
  const command = hailo
    .command('bundle')
    .description("Write a folder with everything that Hailo's Dataflow Compiler needs for a model.")
    .argument('<model>', MODELS.layers)
    .option(
      '--data <path>',
      "folder with train/<class>/, or a file like fer2013.csv (default: the run's own data)",
    )
    .requiredOption('--out <folder>', 'a new folder')
    .addOption(choiceOption('--hw-arch <name>', 'accelerator', HAILO_ARCHITECTURES).default('hailo8'))
    .option('--images <n>', 'training images for calibration', wholeOf, 1024)
    .option('--check-images <n>', 'images to compare float and quantized model on', wholeOf, 256)
    .option(
      '--optimization-level <n>',
      '0: equalization; 1: and bias correction; 2 to 4: and fine-tuning where --finetune asks for it',
      wholeOf,
      1,
    )
    .option('--compression-level <n>', '0 to 5: how many weights get 4 bits; needs level 2', wholeOf, 0)
    .option('--calibration-batch <n>', 'images per step of the calibration', wholeOf, 8)
    .option('--finetune', 'fine-tune in the compiler; needs level 2 and a GPU (default: off)')
    .option(
      '--a16w16 <nodes>',
      'nodes whose layers keep 16 bits, separated by commas (default: none)',
      namesOf,
    )
    .option('--seed <n>', 'decides which images are drawn', wholeOf, 42);
  withDebug(withJson(withCache(withRecords(command)))).action(runBundle);
}

async function runBundle(model: string, { json, ...flags }: BundleFlags): Promise<void> {
  const bundle = await withDisplay((display) =>
    hailoBundleJob({ ...flags, model, runtime: ortNode() }, display),
  );
  await report(json, { version: 1, ...bundle }, () => formatHailoBundle(bundle));
}
