/** A model ready to classify batches of pictures. */
export interface Classifier {
  readonly batchSize: number;
  /**
   * Class probabilities of a batch.
   * @param pictures `[N, C, h, w]`, pixels 0..255; N = batchSize (pad the last batch)
   * @returns `[N, K]`, rows sum to 1
   */
  probabilities(pictures: Float32Array): Promise<Float32Array>;
  /** Logits of a batch, `[N, K]`. */
  logits(pictures: Float32Array): Promise<Float32Array>;
  close(): Promise<void>;
}
