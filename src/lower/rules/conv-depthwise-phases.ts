import type { Value } from '../../onnx/graph.js';
import type { ConvGeometry } from '../../ops/conv-geometry.js';
import type { Lowering } from '../lowering.js';

// The input gradient of a convolution with stride s, dx[y] = Σ_k w[k]·dy[(y + top − k)/s] over the taps k that
// divide evenly, falls into s phases per axis: outputs y = s·i + a use only the taps k = k₀ + s·j with
// k₀ = (a + top) mod s. Each phase is a small dense correlation of dy, and the phases are then interleaved.
// That takes s² times fewer products than a correlation of dy stuffed with zeros, and no stuffing.

/** Taps and padding of one phase along one axis. */
interface Phase {
  /** Taps in the order of a correlation: descending. */
  readonly taps: readonly number[];
  readonly pads: readonly [before: number, after: number];
}

function phasesOf(kernel: number, stride: number, before: number): Phase[] {
  return Array.from({ length: stride }, (_, a) => {
    const first = (a + before) % stride;
    const count = Math.ceil((kernel - first) / stride);
    const shift = Math.floor((a + before) / stride);
    const taps = Array.from({ length: count }, (__, j) => first + stride * (count - 1 - j));
    return { taps, pads: [count - 1 - shift, shift] };
  });
}

/** Whether the phases cover the picture exactly and none needs cropping. */
export function hasPhases(g: ConvGeometry): boolean {
  const strided = g.sh === 2 && g.sw === 2 && g.h === 2 * g.ho && g.w === 2 * g.wo;
  const phases = [...phasesOf(g.kh, g.sh, g.top), ...phasesOf(g.kw, g.sw, g.left)];
  return strided && phases.every(({ taps, pads }) => taps.length > 0 && pads[0] >= 0);
}

/**
 * Input gradient with blocked kernels, `[C, N·H·W]`.
 *
 * @param perLane repeats `[C, taps]` kernels for every picture, in blocked order
 */
export function phasedInputGrad(
  lowering: Lowering,
  g: ConvGeometry,
  { lanes, dy, weights }: { readonly lanes: number; readonly dy: Value; readonly weights: Value },
  perLane: (weights: Value) => Value,
): Value {
  const { o, rows } = lowering;
  const phase = (y: Phase, x: Phase): Value => {
    const taps = y.taps.flatMap((ky) => x.taps.map((kx) => ky * g.kw + kx));
    const filters = perLane(o.op('Gather', [weights, o.builder.ints(taps)], { axis: 1 }));
    const pads = [y.pads[0], x.pads[0], y.pads[1], x.pads[1]];
    const kernel = [y.taps.length, x.taps.length] as const;
    return rows.blockedConv(dy, g.c * g.n, g.ho, g.wo, filters, { kernel, pads });
  };
  const interleaved = (parts: readonly Value[], run: number): Value =>
    o.concat(
      parts.map((part) => o.reshape(part, [-1, run])),
      1,
    );
  const [across, down] = [phasesOf(g.kw, g.sw, g.left), phasesOf(g.kh, g.sh, g.top)];
  const lines = down.map((y) =>
    interleaved(
      across.map((x) => phase(y, x)),
      lanes,
    ),
  );
  const whole = interleaved(lines, g.w * lanes);
  return o.reshape(whole, [g.c, g.n * g.h * g.w]);
}
