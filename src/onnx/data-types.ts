import { TensorProto_DataType as DataType } from 'onnx-buf';

import { GraphError } from '../core/errors.js';
import type { DType } from '../core/tensor.js';

const DATA_TYPES: Readonly<Record<DType, DataType>> = {
  float32: DataType.FLOAT,
  float16: DataType.FLOAT16,
  int64: DataType.INT64,
  int32: DataType.INT32,
  uint8: DataType.UINT8,
  int8: DataType.INT8,
  bool: DataType.BOOL,
};

/** ONNX's number of an element type. */
export function dataTypeOf(dtype: DType): DataType {
  return DATA_TYPES[dtype];
}

const DTYPES = new Map<number, DType>(
  Object.entries(DATA_TYPES).map(([dtype, number]) => [number, dtype as DType]),
);

/** The element type of an ONNX number. @throws GraphError on types that Mien does not use. */
export function dtypeOf(dataType: number, where: string): DType {
  const dtype = DTYPES.get(dataType);
  if (dtype !== undefined) return dtype;
  const received = `element type ${DataType[dataType] ?? dataType}`;
  throw new GraphError({ where, received, expected: Object.keys(DATA_TYPES).join(', ') });
}
