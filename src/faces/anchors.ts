/** One grid of a single-shot detector. */
export interface AnchorGrid {
  /** Pixels of the network's input per cell. */
  readonly stride: number;
  /** Anchors in each cell; all have the cell's middle and size 1. */
  readonly perCell: number;
}

/**
 * Middles of BlazeFace's anchors, `[anchor, (x, y)]`, in units of the input's side: grid after grid, row after row.
 *
 * Every anchor has the size of the whole input ("fixed anchor size"), so that only its middle counts (Bazarevsky et
 * al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019).
 *
 * @param size side of the network's input, pixels
 * @example
 * anchorMiddles(128, [{ stride: 8, perCell: 2 }, { stride: 16, perCell: 6 }]).length; // 2 · 896
 */
export function anchorMiddles(size: number, grids: readonly AnchorGrid[]): Float32Array {
  return Float32Array.from(grids.flatMap((grid) => gridMiddles(Math.ceil(size / grid.stride), grid.perCell)));
}

function gridMiddles(cells: number, perCell: number): number[] {
  const middles: number[] = [];
  for (let row = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      for (let k = 0; k < perCell; k++) middles.push((column + 0.5) / cells, (row + 0.5) / cells);
    }
  }
  return middles;
}
