import type { Preprocessing } from '../../core/preprocessing.js';
import type { Model } from '../../models/model.js';

/** A model that says how pictures reach it and what its answers mean. */
export interface ReadyModel extends Model {
  readonly preprocessing: Preprocessing;
  readonly classes: readonly string[];
}
