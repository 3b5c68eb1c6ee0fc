import type { Value } from '../../onnx/graph.js';
import type { PlainAttributes } from '../../onnx/schema.js';
import { Blocked, type Pending, type PlaneAffine } from '../blocked.js';
import { sameMap, type Lowering, type SourceNode } from '../lowering.js';
import { anyBlocked, inputName, outputName, type LoweringRule } from './rule.js';

/** Element-wise operators of one input: the same operator over rows. */
export const lowerUnary: LoweringRule = (lowering, source) => {
  if (!anyBlocked(lowering, source)) return false;
  const x = lowering.blocked(inputName(source, 0));
  define(
    lowering,
    source,
    x,
    lowering.o.op(source.node.opType, [lowering.content(x)], setAttributes(source)),
  );
  return true;
};

/** Relu, fused with the pending affine before it. */
export const lowerRelu: LoweringRule = (lowering, source) => {
  if (!anyBlocked(lowering, source)) return false;
  const x = lowering.blocked(inputName(source, 0));
  const { affine } = x;
  const rows =
    affine === undefined
      ? lowering.o.relu(lowering.content(x))
      : lowering.rows.affine(x.size, affine, { name: 'Relu' });
  define(lowering, source, x, rows);
  return true;
};

/** HardSwish as x · gate(x); the gate is kept for the backward pass. */
export const lowerHardSwish: LoweringRule = (lowering, source) => {
  if (!anyBlocked(lowering, source)) return false;
  const x = lowering.blocked(inputName(source, 0));
  define(lowering, source, x, lowering.o.mul(lowering.content(x), gateOf(lowering, x)));
  return true;
};

/** dy · h'(x); see {@link hardSwishSlope}. */
export const lowerHardSwishGrad: LoweringRule = (lowering, source) => {
  if (!anyBlocked(lowering, source)) return false;
  const x = lowering.blocked(inputName(source, 0));
  const dy = lowering.blocked(inputName(source, 1), x.size.lanes);
  const slope = hardSwishSlope(lowering, x);
  define(lowering, source, x, lowering.o.mul(lowering.content(dy), slope));
  return true;
};

/** max(0, min(1, x/6 + 1/2)), computed once per map. */
function gateOf(lowering: Lowering, x: Blocked): Value {
  const content = lowering.content(x);
  const key = `gate of ${content.name}`;
  const gate = lowering.saved.get(key) ?? lowering.o.hardSigmoid(content, 1 / 6, 0.5);
  lowering.saved.set(key, gate);
  return gate;
}

/** A power of two large enough that clipping at ±1/2 after scaling is a step function. */
const STEEP = 2 ** 20;

/**
 * h'(x) of hard-swish: 0 below −3, 1 above 3, x/3 + 1/2 between.
 *
 * Blocked kernels do it in three fused passes: c = K·clip(x, −3, 3); D = clip(c − K·x, −½, ½) is 0 inside
 * (exactly: K is a power of two) and ±½ outside; h' = c/(3K) + ½ + D.
 */
function hardSwishSlope(lowering: Lowering, x: Blocked): Value {
  const { o, rows } = lowering;
  const { size } = x;
  const content = lowering.content(x);
  if (!rows.isBlocked(size)) {
    const s = gateOf(lowering, x);
    const steps = o.add(o.hardSigmoid(s, 2 ** 22, 0), o.hardSigmoid(s, 2 ** 22, 1 - 2 ** 22));
    return o.sub(o.mul(s, 2), o.mul(steps, 0.5));
  }
  const all = (value: number) => o.expand(o.reshape(o.scalar(value), [1, 1]), [size.c, 1]);
  const clip = (limit: number) => ({ name: 'Clip' as const, params: [-limit, limit] });
  const clipped = rows.affine(size, { base: content, scale: all(STEEP) }, clip(3 * STEEP));
  const outside = rows.affine(size, { base: content, scale: all(-STEEP), addend: clipped }, clip(0.5));
  return rows.affine(size, { base: clipped, scale: all(1 / (3 * STEEP)), shift: all(0.5), addend: outside });
}

/** Add, Sub, Mul, Div between maps, or between a map and something that broadcasts over it. */
export const lowerBinary: LoweringRule = (lowering, source) => {
  if (!anyBlocked(lowering, source)) return false;
  const [a, b] = [inputName(source, 0), inputName(source, 1)];
  const shape = source.outputShape(0);
  if (shape.length !== 4) return false;
  const first = lowering.isBlocked(a) ? lowering.blocked(a) : undefined;
  const lanes = first?.size.lanes ?? lowering.blocked(b).size.lanes;
  const left = operand(lowering, a, source.inputShape(0), shape, lanes);
  const right = operand(lowering, b, source.inputShape(1), shape, lanes);
  if (left === undefined || right === undefined) return false;
  return combine(lowering, source, left, right);
};

/** A map of the full shape, a factor per plane `[C, N]`, or a vector or scalar that broadcasts over rows. */
type Operand =
  | { readonly kind: 'map'; readonly map: Blocked }
  | { readonly kind: 'plane'; readonly map: Blocked }
  | { readonly kind: 'row'; readonly value: Value };

function operand(
  lowering: Lowering,
  name: string,
  own: readonly number[],
  full: readonly number[],
  lanes: number,
): Operand | undefined {
  if (own.length === 4 && own.every((size, axis) => size === full[axis])) {
    return { kind: 'map', map: lowering.blocked(name, lanes) };
  }
  const elements = own.reduce((product, size) => product * size, 1);
  if (elements === 1) return { kind: 'row', value: lowering.o.reshape(lowering.plain(name), [1, 1]) };
  const channels = own.at(-3);
  if (own.at(-1) !== 1 || own.at(-2) !== 1 || channels !== full[1]) return undefined;
  if (elements === channels)
    return { kind: 'row', value: lowering.o.reshape(lowering.plain(name), [channels, 1]) };
  return own[0] === full[0] ? { kind: 'plane', map: lowering.blocked(name, lanes) } : undefined;
}

function combine(lowering: Lowering, source: SourceNode, left: Operand, right: Operand): boolean {
  const { opType } = source.node;
  if (left.kind === 'map' && right.kind === 'map') return combineMaps(lowering, source, left.map, right.map);
  if (left.kind === 'map' && right.kind === 'plane')
    return planeOperation(lowering, source, left.map, right.map);
  if (left.kind === 'plane' && right.kind === 'map' && (opType === 'Mul' || opType === 'Add')) {
    return planeOperation(lowering, source, right.map, left.map);
  }
  const map = left.kind === 'map' ? left.map : right.kind === 'map' ? right.map : undefined;
  if (map === undefined) return false;
  const value = (side: Operand) => (side.kind === 'row' ? side.value : lowering.content(side.map));
  if (left.kind === 'plane' || right.kind === 'plane') return false;
  define(lowering, source, map, lowering.o.op(opType, [value(left), value(right)]));
  return true;
}

function combineMaps(lowering: Lowering, source: SourceNode, a: Blocked, b: Blocked): boolean {
  const { opType } = source.node;
  if (!sameMap(a, b)) return false;
  const pending =
    opType === 'Add' ? pendingSum(lowering, a, b) : opType === 'Mul' ? product(a, b) : undefined;
  if (pending !== undefined) lowering.define(outputName(source), new Blocked(a.size, undefined, pending));
  else define(lowering, source, a, lowering.o.op(opType, [lowering.content(a), lowering.content(b)]));
  return true;
}

function product(a: Blocked, b: Blocked): Pending {
  return { kind: 'product', factors: [a, b] };
}

/** A sum that an operand's pending form can absorb, still pending. */
function pendingSum(lowering: Lowering, a: Blocked, b: Blocked): Pending | undefined {
  const planes = pendingPlanes(a, b) ?? pendingPlanes(b, a);
  if (planes !== undefined) return { kind: 'plane', plane: planes };
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (one.affine !== undefined && one.affine.addend === undefined) {
      return { kind: 'affine', affine: { ...one.affine, addend: lowering.content(other) } };
    }
  }
  return undefined;
}

/** scale ⊙ base, plus a value that is constant over each plane. */
function pendingPlanes(a: Blocked, b: Blocked): PlaneAffine | undefined {
  if (a.rows !== undefined || b.rows !== undefined) return undefined;
  if (a.pending?.kind !== 'plane' || b.pending?.kind !== 'plane') return undefined;
  const [x, y] = [a.pending.plane, b.pending.plane];
  return x.shift === undefined && y.base === undefined ? { ...x, shift: y.shift } : undefined;
}

function planeOperation(lowering: Lowering, source: SourceNode, map: Blocked, plane: Blocked): boolean {
  const factor = lowering.content(plane);
  const base = lowering.content(map);
  const { o } = lowering;
  const forms: Partial<Record<string, PlaneAffine>> = {
    Mul: { base, scale: factor },
    Add: { base, shift: factor },
    Sub: { base, shift: source.node.opType === 'Sub' ? o.neg(factor) : undefined },
    Div: { base, scale: source.node.opType === 'Div' ? o.reciprocal(factor) : undefined },
  };
  const form = forms[source.node.opType];
  if (form === undefined) return false;
  lowering.define(outputName(source), new Blocked(map.size, undefined, { kind: 'plane', plane: form }));
  return true;
}

function define(lowering: Lowering, source: SourceNode, like: Blocked, rows: Value): void {
  lowering.define(outputName(source), new Blocked(like.size, rows));
}

function setAttributes(source: SourceNode): PlainAttributes {
  return Object.fromEntries(Object.entries(source.node.attributes).map(([name, { value }]) => [name, value]));
}
