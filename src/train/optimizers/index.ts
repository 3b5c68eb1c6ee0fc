import { adam } from './adam.js';
import type { OptimizerConfig, OptimizerRule } from './optimizer.js';
import { sgd } from './sgd.js';

export type { OptimizerConfig, OptimizerRule } from './optimizer.js';

/** The rule of a configuration. */
export function optimizerOf(config: OptimizerConfig): OptimizerRule {
  return config.name === 'sgd' ? sgd(config) : adam(config);
}
