import { sizeOf, type Shape } from '../core/tensor.js';
import { producersOf, type Graph, type Node, type Value } from '../onnx/graph.js';
import { Blocked, rowLength, type MapSize } from './blocked.js';
import type { Lowering } from './lowering.js';

/**
 * Computes preprocessing in blocked layout from the start: exchanging the axes of small grey pictures is
 * many times cheaper than those of the large normalized ones that the stem reads.
 *
 * @returns a function for {@link Lowering}: undefined for values that preprocessing did not make
 */
export function sinkPreprocessing(source: Graph) {
  const producers = producersOf(source.nodes);
  return (lowering: Lowering, name: string, lanes: number): Blocked | undefined => {
    const node = producers.get(name);
    const shape = source.types.get(name)?.shape ?? [];
    const [n = 1, c = 1, h = 1, w = 1] = shape;
    if (node === undefined || shape.length !== 4 || n % lanes !== 0) return undefined;
    const rows = sunk(lowering, node, { n, c, h, w, lanes });
    return rows === undefined ? undefined : new Blocked({ n, c, h, w, lanes }, rows);
  };
}

function sunk(lowering: Lowering, node: Node, size: MapSize): Value | undefined {
  const [first = '', second = ''] = node.inputs;
  const { o } = lowering;
  const content = () => lowering.content(lowering.blocked(first, size.lanes));
  if (node.opType === 'Resample') return resampled(lowering, node, size);
  if (node.opType === 'Expand') {
    const own = lowering.source.types.get(first)?.shape ?? [];
    const copiesChannels = own[1] === 1 && own[2] === size.h && own[3] === size.w && own[0] === size.n;
    return copiesChannels ? o.expand(content(), [size.c, rowLength(size)]) : undefined;
  }
  if (node.opType !== 'Mul' && node.opType !== 'Add') return undefined;
  if (!isPerChannel(lowering.source.initializers.get(second)?.shape, size.c)) return undefined;
  return o.op(node.opType, [content(), o.reshape(lowering.plain(second), [size.c, 1])]);
}

/** Whether a constant is `[C, 1, 1]` or `[1, C, 1, 1]`. */
function isPerChannel(shape: Shape | undefined, channels: number): boolean {
  if (shape === undefined || sizeOf(shape) !== channels) return false;
  return shape.at(-3) === channels && shape.at(-2) === 1 && shape.at(-1) === 1;
}

/** rows · picture on `[h, w·lanes]` matrices, then columnsᵀ on `[w, lanes]` ones. */
function resampled(lowering: Lowering, node: Node, size: MapSize): Value {
  const { o } = lowering;
  const [x = '', rows = '', columns = ''] = node.inputs;
  const [, , h = 1, w = 1] = lowering.source.types.get(x)?.shape ?? [];
  const planes = (size.c * size.n) / size.lanes;
  const content = lowering.content(lowering.blocked(x, size.lanes));
  const tall = o.matMul(lowering.plain(rows), o.reshape(content, [planes, h, w * size.lanes]));
  const turned = o.transpose(lowering.plain(columns), [1, 0]);
  const wide = o.matMul(turned, o.reshape(tall, [planes * size.h, w, size.lanes]));
  return o.reshape(wide, [size.c, rowLength(size)]);
}
