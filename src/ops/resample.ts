import { GraphError } from '../core/errors.js';
import type { Shape } from '../core/tensor.js';
import { required, requireRank } from './infer.js';
import { defineOperator } from './operator.js';
import { forEachIndex, ndarray } from './reference/ndarray.js';

const WHERE = 'Resample';

/**
 * Separable resampling of pictures: `rows · picture · columns`.
 *
 * Inputs: x `[N, C, h, w]`, rows `[H, h]`, columns `[w, W]`; output `[N, C, H, W]`. With the matrices of a
 * bicubic kernel this is an antialiased resize.
 */
export const resample = defineOperator({
  opType: WHERE,
  domain: 'mien',
  since: 1,
  inputs: [3, 3],
  attributes: {},
  infer: (inputs) => {
    const [x, rows, columns] = [0, 1, 2].map((i) => required(WHERE, inputs, i).shape) as [
      Shape,
      Shape,
      Shape,
    ];
    requireRank(WHERE, 'input', x, 4);
    if (rows[1] !== x[2] || columns[0] !== x[3]) {
      const received = `pictures [${x.join(', ')}] and matrices [${rows.join(', ')}], [${columns.join(', ')}]`;
      throw new GraphError({ where: WHERE, received, expected: 'rows [H, h] and columns [w, W]' });
    }
    const shape = [x[0] ?? 1, x[1] ?? 1, rows[0] ?? 1, columns[1] ?? 1];
    return [{ dtype: required(WHERE, inputs, 0).dtype, shape }];
  },
  // dx = rowsᵀ · dy · columnsᵀ; the matrices are constants.
  gradient: ({ o, inputs, grads: [dy] }) => {
    if (dy === undefined) return [];
    const turned = (i: number) => o.transpose(required(WHERE, inputs, i), [1, 0]);
    return [o.own(WHERE, [dy, turned(1), turned(2)])];
  },
  reference: (inputs) => {
    const [x, rows, columns] = [0, 1, 2].map((i) => required(WHERE, inputs, i)) as Three<typeof inputs>;
    const [n = 1, c = 1, h = 1, w = 1] = x.shape;
    const [height, width] = [rows.shape[0] ?? 1, columns.shape[1] ?? 1];
    const out = ndarray([n, c, height, width]);
    forEachIndex([n * c, height, width], ([plane = 0, r = 0, q = 0], flat) => {
      forEachIndex([h, w], ([i = 0, j = 0]) => {
        const weight = (rows.data[r * h + i] ?? 0) * (columns.data[j * width + q] ?? 0);
        out.data[flat] = (out.data[flat] ?? 0) + weight * (x.data[(plane * h + i) * w + j] ?? 0);
      });
    });
    return [out];
  },
  decompose: ({ o, inputs }) => {
    const [x, rows, columns] = [0, 1, 2].map((i) => required(WHERE, inputs, i)) as Three<typeof inputs>;
    const [n = 1, c = 1, h = 1, w = 1] = x.shape;
    const [height, width] = [rows.shape[0] ?? 1, columns.shape[1] ?? 1];
    const narrow = o.matMul(o.reshape(x, [n * c * h, w]), columns);
    const wide = o.matMul(rows, o.reshape(narrow, [n * c, h, width]));
    return [o.reshape(wide, [n, c, height, width])];
  },
});

type Three<L extends readonly unknown[]> = [Item<L>, Item<L>, Item<L>];
type Item<L extends readonly unknown[]> = Exclude<L[number], undefined>;
