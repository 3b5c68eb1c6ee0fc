import type { Group } from 'h5wasm';

import type { JsonObject } from '../../layers/json.js';
import { logitsGraph } from '../../models/logits.js';
import type { LayerGraph } from '../../models/layer-graph.js';

const LEARNING_RATE = 1e-3;

/**
 * `compile_config` of an archive that Keras may train on at once: Adam as the reference has it, with the
 * cross-entropy that fits the model's end. A focal loss and a schedule would need custom objects, so they stay out.
 */
export function compileConfig(graph: LayerGraph): JsonObject {
  return {
    optimizer: keras('keras.optimizers', 'Adam', {
      name: 'adam',
      learning_rate: LEARNING_RATE,
      weight_decay: null,
      clipnorm: 1,
      global_clipnorm: null,
      clipvalue: null,
      use_ema: false,
      ema_momentum: 0.99,
      ema_overwrite_frequency: null,
      loss_scale_factor: null,
      gradient_accumulation_steps: null,
      beta_1: 0.9,
      beta_2: 0.999,
      epsilon: 1e-7,
      amsgrad: false,
    }),
    loss: keras('keras.losses', 'CategoricalCrossentropy', {
      name: 'categorical_crossentropy',
      reduction: 'sum_over_batch_size',
      from_logits: logitsGraph(graph) === graph,
      label_smoothing: 0,
      axis: -1,
    }),
    loss_weights: null,
    metrics: ['accuracy'],
    weighted_metrics: null,
    run_eagerly: false,
    steps_per_execution: 1,
    jit_compile: false,
  };
}

/** The optimizer's two variables before its first step: iterations and learning rate. */
export function writeOptimizer(root: Group): void {
  const vars = root.create_group('optimizer').create_group('vars');
  vars.create_attribute('name', 'adam');
  vars.create_dataset({ name: '0', data: BigInt64Array.of(0n), shape: [], dtype: '<q' });
  vars.create_dataset({ name: '1', data: Float32Array.of(LEARNING_RATE), shape: [] });
}

function keras(module: string, className: string, config: JsonObject): JsonObject {
  return { module, class_name: className, config, registered_name: null };
}
