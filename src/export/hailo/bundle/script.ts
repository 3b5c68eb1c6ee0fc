import { checkInteger } from '../../../core/checks.js';
import { InputError } from '../../../core/errors.js';
import type { Preprocessing } from '../../../core/preprocessing.js';

/** Fewest calibration images above optimization level 0; with fewer the compiler falls back to level 0. */
export const FEWEST_IMAGES = 1024;

/** What {@link modelScript} says. */
export interface ScriptOptions {
  readonly preprocessing: Pick<Preprocessing, 'scale' | 'mean' | 'std'>;
  /** Calibration images, all of which are used. */
  readonly images: number;
  /** Images per step of the calibration. */
  readonly batchSize: number;
  /** 0: equalization; 1: and bias correction; 2 to 4: and, where asked for, fine-tuning, ever longer. */
  readonly optimizationLevel: number;
  /** 0: no weights of 4 bits; 1 to 5: ever more of them. */
  readonly compressionLevel: number;
  /** Fine-tune against the float model. */
  readonly finetune: boolean;
  /** Layers, by the compiler's names, that keep 16 bits. */
  readonly a16w16?: readonly string[];
}

/** The choices that make up a script, checked against each other. @throws InputError */
export function checkLevels(
  options: Pick<ScriptOptions, 'images' | 'optimizationLevel' | 'compressionLevel' | 'finetune'>,
): void {
  const { images, finetune } = options;
  checkInteger('--images', images, 1);
  const optimization = checkInteger('--optimization-level', options.optimizationLevel, 0, 4);
  const compression = checkInteger('--compression-level', options.compressionLevel, 0, 5);
  const level = `optimization level ${optimization}`;
  if (optimization > 0 && images < FEWEST_IMAGES) {
    throw new InputError({
      where: '--images',
      received: `${images} images with ${level}`,
      expected: `at least ${FEWEST_IMAGES}, without which the compiler drops to level 0`,
      remedy: 'ask for more images, or for --optimization-level 0',
    });
  }
  if (compression > 0 && optimization < 2) {
    const expected = 'optimization level 2 or more, without which the compiler does not compress';
    throw new InputError({
      where: '--compression-level',
      received: `${compression} with ${level}`,
      expected,
    });
  }
  if (finetune && optimization < 2) {
    throw new InputError({ where: '--finetune', received: level, expected: 'optimization level 2 or more' });
  }
}

/**
 * The text of a model script (`.alls`) for the compiler's optimization: normalization on the chip, in units of pixels
 * 0..255, so that the device takes plain uint8 pictures; calibration by all images; levels; equalization, bias
 * correction and fine-tuning as asked for.
 *
 * Commands and their arguments are those of the public scripts in hailo-ai/hailo_model_zoo (`cfg/alls`).
 *
 * @throws InputError when the choices do not fit each other
 */
export function modelScript(options: ScriptOptions): string {
  checkLevels(options);
  const { preprocessing, images, batchSize, optimizationLevel, compressionLevel, finetune } = options;
  const tuning = finetune ? `policy=enabled, dataset_size=${images}` : 'policy=disabled';
  const correction = optimizationLevel > 0 ? 'enabled' : 'disabled';
  return [
    `normalization1 = ${normalizationCommand(preprocessing)}`,
    `model_optimization_flavor(optimization_level=${optimizationLevel}, compression_level=${compressionLevel})`,
    `model_optimization_config(calibration, batch_size=${batchSize}, calibset_size=${images})`,
    'pre_quantization_optimization(equalization, policy=enabled)',
    `post_quantization_optimization(bias_correction, policy=${correction})`,
    `post_quantization_optimization(finetune, ${tuning})`,
    ...precisionCommands(options.a16w16 ?? []),
    '',
  ].join('\n');
}

/** Lines that keep layers, by the compiler's names, at 16 bits. */
export function precisionCommands(layers: readonly string[]): string[] {
  return layers.map((layer) => `quantization_param(${layer}, precision_mode=a16_w16)`);
}

/** `normalization([mean…], [std…])` in units of pixels 0..255. */
export function normalizationCommand({ scale, mean, std }: ScriptOptions['preprocessing']): string {
  const list = (values: readonly number[]) => `[${values.map((value) => pixels(value / scale)).join(', ')}]`;
  return `normalization(${list(mean)}, ${list(std)})`;
}

/** Nine digits are more than float32 holds; a decimal point, as in all public scripts. */
function pixels(value: number): string {
  const short = Number(value.toPrecision(9));
  return Number.isInteger(short) ? short.toFixed(1) : String(short);
}
