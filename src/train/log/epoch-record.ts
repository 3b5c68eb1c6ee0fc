/** What is known at the end of an epoch; null where nothing was measured. */
export interface EpochRecord {
  /** Counted from 1 through all stages, so that no number occurs twice. */
  readonly epoch: number;
  readonly stage: number;
  readonly loss: number;
  /** Shares in [0, 1], as all accuracies. */
  readonly accuracy: number | null;
  readonly macroAccuracy: number | null;
  readonly valLoss: number | null;
  readonly valAccuracy: number | null;
  readonly valMacroAccuracy: number | null;
  /** Learning rate of the epoch's last step. */
  readonly lr: number;
  /** Wall-clock seconds of the epoch. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
}
