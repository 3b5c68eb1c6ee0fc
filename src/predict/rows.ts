/**
 * Softmax of every row of [n, K].
 * @param temperature the logits are divided by it first (Guo et al. 2017); default 1
 */
export function softmaxRows(rows: Float32Array, classes: number, temperature = 1): Float32Array<ArrayBuffer> {
  const result = new Float32Array(rows.length);
  for (let start = 0; start < rows.length; start += classes) {
    const row = Array.from(rows.subarray(start, start + classes), (logit) => logit / temperature);
    const most = Math.max(...row);
    const powers = row.map((value) => Math.exp(value - most));
    const total = powers.reduce((sum, power) => sum + power, 0);
    result.set(
      powers.map((power) => power / total),
      start,
    );
  }
  return result;
}

/** Logits up to a constant of each row, which softmax does not see. */
export function logRows(probabilities: Float32Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(probabilities, (p) => Math.log(Math.max(p, 1e-30)));
}
