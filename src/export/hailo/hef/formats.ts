/** The order of a stream's axes on the chip's side, and HailoRT's default on the host's. */
export interface Order {
  readonly order: string;
  readonly hostOrder: string;
}

/** By the compiler's number; names as in HailoRT's `hailo_format_order_t`. Other numbers are refused by HailoRT. */
const ORDERS: Readonly<Record<number, Order>> = {
  0: same('NHWC'),
  1: { order: 'NHCW', hostOrder: 'NHWC' },
  2: same('NC'),
  3: same('FCR'),
  4: same('BAYER_RGB'),
  5: same('NHW'),
  6: { order: 'HAILO_NMS_ON_CHIP', hostOrder: 'HAILO_NMS_BY_CLASS' },
  7: same('F8CR'),
  8: { order: 'RGB888', hostOrder: 'NHWC' },
  11: same('YUY2'),
  13: same('NHWC'),
  14: { order: 'HAILO_YYUV', hostOrder: 'NV12' },
  15: { order: 'HAILO_YYVU', hostOrder: 'NV21' },
  16: { order: 'HAILO_YYYYUV', hostOrder: 'I420' },
};

function same(order: string): Order {
  return { order, hostOrder: order };
}

/** The order that a number of the compiler means. */
export function orderOf(number: number): Order {
  return ORDERS[number] ?? same(`unknown (${number})`);
}

/** The element type that takes so many bytes. */
export function typeOfBytes(bytes: number): string {
  return ({ 1: 'UINT8', 2: 'UINT16' } as const)[bytes] ?? `unknown (${bytes} bytes)`;
}

const HAILO8 = ['hailo8'];
const HAILO15H = ['hailo15h', 'hailo10h'];

/** Devices on which HailoRT accepts a file, by the schema's number of its architecture. */
const DEVICES: Readonly<Record<number, readonly string[]>> = {
  ...{ 0: HAILO8, 1: HAILO8, 2: HAILO8, 3: ['hailo8l', 'hailo8'], 4: ['hailo15m', ...HAILO15H] },
  ...{ 6: ['hailo15l'], 100: ['hailo8_a0'], 101: HAILO8, 102: HAILO8 },
  ...{ 103: HAILO15H, 104: HAILO15H, 105: HAILO15H, 106: ['hailo15l'], 108: ['hailo12l'] },
};

/** See {@link DEVICES}. */
export function devicesOf(architecture: number): readonly string[] {
  return DEVICES[architecture] ?? [];
}
