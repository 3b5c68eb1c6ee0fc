import { InputError } from '../../core/errors.js';

/** Names of `hailo_status` by value, HailoRT 5.2.0; 4.20.0 ends at 90, and no value has changed. */
const NAMES: Readonly<Record<number, string>> = {
  1: 'HAILO_UNINITIALIZED',
  2: 'HAILO_INVALID_ARGUMENT',
  3: 'HAILO_OUT_OF_HOST_MEMORY',
  4: 'HAILO_TIMEOUT',
  5: 'HAILO_INSUFFICIENT_BUFFER',
  6: 'HAILO_INVALID_OPERATION',
  7: 'HAILO_NOT_IMPLEMENTED',
  8: 'HAILO_INTERNAL_FAILURE',
  13: 'HAILO_OPEN_FILE_FAILURE',
  14: 'HAILO_FILE_OPERATION_FAILURE',
  15: 'HAILO_UNSUPPORTED_CONTROL_PROTOCOL_VERSION',
  16: 'HAILO_UNSUPPORTED_FW_VERSION',
  18: 'HAILO_FW_CONTROL_FAILURE',
  26: 'HAILO_INVALID_HEF',
  28: 'HAILO_INTERRUPTED_BY_SIGNAL',
  36: 'HAILO_DRIVER_OPERATION_FAILED',
  61: 'HAILO_NOT_FOUND',
  62: 'HAILO_COMMUNICATION_CLOSED',
  63: 'HAILO_STREAM_ABORT',
  64: 'HAILO_DRIVER_NOT_INSTALLED',
  65: 'HAILO_NOT_AVAILABLE',
  69: 'HAILO_NETWORK_GROUP_NOT_ACTIVATED',
  71: 'HAILO_OUT_OF_FW_MEMORY',
  72: 'HAILO_STREAM_NOT_ACTIVATED',
  73: 'HAILO_DEVICE_IN_USE',
  74: 'HAILO_OUT_OF_PHYSICAL_DEVICES',
  75: 'HAILO_INVALID_DEVICE_ARCHITECTURE',
  76: 'HAILO_INVALID_DRIVER_VERSION',
  77: 'HAILO_RPC_FAILED',
  78: 'HAILO_INVALID_SERVICE_VERSION',
  79: 'HAILO_NOT_SUPPORTED',
  85: 'HAILO_DRIVER_INVALID_RESPONSE',
  86: 'HAILO_DRIVER_INVALID_IOCTL',
  87: 'HAILO_DRIVER_TIMEOUT',
  88: 'HAILO_DRIVER_INTERRUPTED',
  89: 'HAILO_CONNECTION_REFUSED',
  90: 'HAILO_DRIVER_WAIT_CANCELED',
  91: 'HAILO_HEF_FILE_CORRUPTED',
  92: 'HAILO_HEF_NOT_SUPPORTED',
  93: 'HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE',
  94: 'HAILO_INVALID_HEF_USE',
  95: 'HAILO_OPERATION_ABORTED',
  96: 'HAILO_DEVICE_NOT_CONNECTED',
  97: 'HAILO_DEVICE_TEMPORARILY_UNAVAILABLE',
};

/** What a person should know about a status. */
interface Meaning {
  readonly statuses: readonly number[];
  readonly received: string;
  readonly expected: string;
  readonly remedy?: string;
}

const MEANINGS: readonly Meaning[] = [
  {
    statuses: [4, 87],
    received: 'no answer from the device in time',
    expected: 'one within the time limit',
    remedy: 'try again, raise the limit, or reset the device (hailortcli fw-control reset)',
  },
  {
    statuses: [26, 91],
    received: 'a file that is no intact HEF',
    expected: "a HEF of Hailo's compiler",
    remedy: 'look at it with "mien hailo inspect FILE.hef"',
  },
  {
    statuses: [75, 92, 93, 94],
    received: 'a HEF for another device or version of HailoRT',
    expected: 'one for the device that is there',
    remedy: 'compare "mien hailo inspect FILE.hef" with "hailortcli fw-control identify"',
  },
  {
    statuses: [36, 62, 63, 88, 90, 95, 96, 97],
    received: 'a device that went away',
    expected: 'a device that stays connected',
    remedy: 'check power, cable and cooling, then start again',
  },
  {
    statuses: [64, 76, 85, 86],
    received: 'no driver, or one of another version than the library',
    expected: 'the driver of the same HailoRT version',
    remedy: 'install driver and library together (on Raspberry Pi OS: apt install hailo-all) and restart',
  },
  {
    statuses: [73, 74],
    received: 'a device that another process holds, or none',
    expected: 'a free device',
    remedy:
      "end the other process, or share the device between both through HailoRT's service (--share-device)",
  },
  {
    statuses: [77, 78, 89],
    received: "no HailoRT service of this library's version",
    expected: 'the service, which shares a device between processes',
    remedy: 'start it (systemctl start hailort) or do not share the device',
  },
  {
    statuses: [15, 16, 18],
    received: 'a device with other firmware than the library wants',
    expected: 'firmware of the same HailoRT version',
    remedy: 'install firmware, driver and library together and restart',
  },
];

/** The status by name and number, e.g. `HAILO_TIMEOUT, 4`. */
export function statusName(status: number): string {
  const name = NAMES[status];
  return name === undefined ? `status ${status}` : `${name}, ${status}`;
}

/**
 * A status as a sentence.
 *
 * @param doing the step that failed, e.g. `reading "net/fc1"`
 * @param message the library's own words
 */
export function statusError(status: number, doing: string, message: string): InputError {
  const where = `HailoRT, ${doing}`;
  const meaning = MEANINGS.find(({ statuses }) => statuses.includes(status));
  const code = `(${statusName(status)})`;
  if (meaning === undefined) {
    return new InputError({ where, received: `"${message}" ${code}`, expected: 'success' });
  }
  const { received, expected, remedy } = meaning;
  return new InputError({ where, received: `${received} ${code}`, expected, ...(remedy && { remedy }) });
}
