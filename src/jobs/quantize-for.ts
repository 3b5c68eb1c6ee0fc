import {
  programOf,
  quantizeModel,
  type QuantizedModel,
  type Repair,
} from '../export/quantize/quantize-model.js';
import type { QuantizedProgram } from '../export/quantize/quantized-program.js';
import type { RangeMethod } from '../export/quantize/ranges.js';
import type { Model } from '../models/model.js';
import type { Runtime } from '../runtime/session.js';
import type { JobHooks } from './events.js';
import { modelPreprocessing } from './model-source.js';
import { CALIBRATION_IMAGES, loadQuantizeData, type QuantizeData } from './quantize-data.js';
import { batchSizeFor, openNormalizer } from './quantize-pictures.js';

/** How a quantization is done. */
export interface QuantizeChoices {
  readonly methods?: readonly RangeMethod[];
  readonly repairs?: readonly Repair[];
  /** Layers that stay in float32. */
  readonly keep?: readonly string[];
}

/** Quantizes a model on chosen pictures. */
export async function quantizeOn(
  model: Model,
  { train, calibration, held }: QuantizeData,
  { methods, repairs, keep }: QuantizeChoices,
  { runtime, hooks }: { readonly runtime: Runtime; readonly hooks: JobHooks },
): Promise<QuantizedModel> {
  const batchSize = batchSizeFor(programOf(model, 1));
  const pictures = await openNormalizer(runtime, modelPreprocessing(model), train, batchSize);
  try {
    return await quantizeModel(model, {
      engine: runtime,
      calibration: pictures.source(calibration),
      held: pictures.source(held),
      ...(methods === undefined ? {} : { methods }),
      ...(repairs === undefined ? {} : { repairs }),
      ...(keep === undefined ? {} : { keep }),
      onProgress: (what, done, total) => hooks.onEvent?.({ kind: 'working', what, done, total }),
    });
  } finally {
    await pictures.close();
  }
}

/** A model that ends in logits in 8 bits for an export, quantized as `mien quantize` does by default. @throws InputError as that does */
export async function quantizeFor(
  model: Model,
  { data, cacheDir }: { readonly data: string; readonly cacheDir?: string },
  runtime: Runtime,
  hooks: JobHooks,
): Promise<QuantizedProgram> {
  const options = {
    data,
    images: CALIBRATION_IMAGES,
    seed: 1,
    remedy: 'add pictures',
    ...(cacheDir === undefined ? {} : { cacheDir }),
  };
  const pictures = await loadQuantizeData(model, options, hooks);
  return (await quantizeOn(model, pictures, {}, { runtime, hooks })).quantized;
}
