import type { Shape } from '../core/tensor.js';
import type { Value } from '../onnx/graph.js';

/** `scale ⊙ base + shift + addend` over rows, not yet computed. Vectors are `[C, 1]`, matrices `[C, M]`. */
export interface RowAffine {
  readonly base: Value;
  readonly scale?: Value | undefined;
  readonly shift?: Value | undefined;
  readonly addend?: Value | undefined;
}

/** `scale ⊙ base + shift` with one factor per picture and channel (`[C, N]`), not yet computed. */
export interface PlaneAffine {
  readonly base?: Value | undefined;
  readonly scale?: Value | undefined;
  readonly shift?: Value | undefined;
}

/** How the content of a {@link Blocked} value is known before anybody needs it in memory. */
export type Pending =
  | { readonly kind: 'affine'; readonly affine: RowAffine }
  | { readonly kind: 'plane'; readonly plane: PlaneAffine }
  | { readonly kind: 'product'; readonly factors: readonly [Blocked, Blocked] };

/** The logical size of a feature map `[N, C, H, W]` and its batch lanes. */
export interface MapSize {
  readonly n: number;
  readonly c: number;
  readonly h: number;
  readonly w: number;
  /** Pictures in the innermost axis of memory. */
  readonly lanes: number;
}

/**
 * A feature map `[N, C, H, W]` laid out in memory as `[C, N/lanes, H, W, lanes]`.
 *
 * A row `[M]` (M = N·H·W) of one channel is contiguous, so that a pointwise convolution is one matrix
 * product and batch-norm statistics are row reductions; with lanes = the CPU's block size the same memory
 * is a tensor of ONNX Runtime's blocked kernels. Content may be pending, so that a consumer can fuse it.
 */
export class Blocked {
  private content: Value | undefined;

  constructor(
    readonly size: MapSize,
    rows: Value | undefined,
    readonly pending?: Pending,
  ) {
    this.content = rows;
  }

  /** The content `[C, M]` if it is in memory already. */
  get rows(): Value | undefined {
    return this.content;
  }

  /** Remembers the content once it has been computed. */
  settle(rows: Value): Value {
    this.content = rows;
    return rows;
  }

  /** The pending row-affine form, unless the content exists. */
  get affine(): RowAffine | undefined {
    return this.content === undefined && this.pending?.kind === 'affine' ? this.pending.affine : undefined;
  }

  get shape(): Shape {
    const { n, c, h, w } = this.size;
    return [n, c, h, w];
  }
}

/** Elements per channel. */
export function rowLength({ n, h, w }: MapSize): number {
  return n * h * w;
}
