import { sameShape } from '../../core/tensor.js';
import { constantIntegers } from '../../onnx/graph.js';
import { Blocked } from '../blocked.js';
import { anyBlocked, inputName, outputName, type LoweringRule } from './rule.js';

/** Concatenation of feature maps along channels: their rows one after the other. */
export const lowerConcat: LoweringRule = (lowering, source) => {
  const { node, attributes } = source;
  const channels = attributes['axis'] === 1 && source.outputShape(0).length === 4;
  if (!channels || !anyBlocked(lowering, source)) return false;
  const first = node.inputs.find((name) => lowering.isBlocked(name)) ?? '';
  const { size } = lowering.blocked(first);
  const parts = node.inputs.map((name) => lowering.content(lowering.blocked(name, size.lanes)));
  const [, c = 0] = source.outputShape(0);
  lowering.define(outputName(source), new Blocked({ ...size, c }, lowering.o.concat(parts, 0)));
  return true;
};

/** A slice of channels: some of the rows. */
export const lowerSlice: LoweringRule = (lowering, source) => {
  if (!lowering.isBlocked(inputName(source, 0))) return false;
  const [starts, ends, axes, steps] = [1, 2, 3, 4].map((i) =>
    constantIntegers(lowering.source, source.node.inputs[i]),
  );
  const [start, end] = [starts?.[0], ends?.[0]];
  if (start === undefined || end === undefined || !sameShape(axes ?? [], [1])) return false;
  if (start < 0 || end < start || (steps?.[0] ?? 1) !== 1) return false;
  const map = lowering.blocked(inputName(source, 0));
  const [, c = 0] = source.outputShape(0);
  const rows = lowering.o.slice(lowering.content(map), [start], [start + c], [0]);
  lowering.define(outputName(source), new Blocked({ ...map.size, c }, rows));
  return true;
};
