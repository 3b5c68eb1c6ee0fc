import type { Shape } from '../../core/tensor.js';
import { programGraph } from '../onnx/write-onnx.js';
import type { Program } from '../program/program.js';
import { floatsOf, runOver, type GraphEngine, type PictureSource } from './engine.js';
import { Histogram } from './histogram.js';

/** What is known of one value over the calibration pictures. */
export interface ValueStatistics {
  readonly histogram: Histogram;
  /** Per channel, over pictures and pixels. */
  readonly means: Float64Array;
  /** Largest magnitude per channel. */
  readonly largest: Float64Array;
}

/** Most values of one picture that the histogram counts; of more, every n-th. */
const COUNTED = 16384;

/**
 * Runs a float program over calibration pictures and counts what every value is. Memory does not grow with the number of
 * pictures: histograms have a fixed number of bins.
 */
export async function observeProgram(
  engine: GraphEngine,
  program: Program,
  source: PictureSource,
  onBatch: (done: number) => void = () => undefined,
): Promise<Map<string, ValueStatistics>> {
  const names = program.steps.map(({ output }) => output);
  const statistics = new Map<string, Recorder>();
  const outputs = names.map((name) => ({ name, value: name }));
  const graph = programGraph({ ...program, outputs }, 'float32');
  const [input] = program.inputs;
  await runOver(engine, graph, source, (answered) => {
    for (const name of names) {
      const tensor = answered.outputs[name];
      if (tensor !== undefined) recorderOf(statistics, name, tensor.shape).add(floatsOf(tensor));
    }
    const pictures = answered.input;
    if (input !== undefined) recorderOf(statistics, input.value, pictures.shape).add(pictures.data);
    onBatch(answered.index + 1);
  });
  return statistics;
}

function recorderOf(recorders: Map<string, Recorder>, name: string, shape: Shape): Recorder {
  const known = recorders.get(name);
  if (known !== undefined) return known;
  const made = new Recorder(shape);
  recorders.set(name, made);
  return made;
}

/** Statistics of one value `[N, C, ...]` under way. */
class Recorder implements ValueStatistics {
  readonly histogram = new Histogram();
  readonly largest: Float64Array;
  private readonly sums: Float64Array;
  private seen = 0;
  private readonly plane: number;

  constructor(shape: Shape) {
    const [, channels = 1, ...inner] = shape;
    this.largest = new Float64Array(channels);
    this.sums = new Float64Array(channels);
    this.plane = inner.reduce((product, size) => product * size, 1);
  }

  get means(): Float64Array {
    return this.sums.map((sum) => sum / Math.max(1, this.seen));
  }

  add(values: Float32Array): void {
    const { plane, largest, sums } = this;
    const channels = sums.length;
    const size = channels * plane;
    for (let start = 0; start < values.length; start += plane) {
      const channel = (start / plane) % channels;
      let [sum, most] = [0, largest[channel] ?? 0];
      for (let i = start; i < start + plane; i++) {
        const value = values[i] ?? 0;
        sum += value;
        const magnitude = value < 0 ? -value : value;
        if (magnitude > most) most = magnitude;
      }
      sums[channel] = (sums[channel] ?? 0) + sum;
      largest[channel] = most;
    }
    this.seen += (values.length / size) * plane;
    this.histogram.add(values, 0, values.length, strideFor(size));
  }
}

/** An odd stride, so that no row or channel is skipped altogether. */
function strideFor(size: number): number {
  const stride = Math.floor(size / COUNTED);
  return stride < 2 ? 1 : stride | 1;
}
