import { InputError } from '../../core/errors.js';
import type { DescribedRuntime } from '../session.js';
import { DEVICE_ID_BYTES } from './layout.js';
import { defaultLibrary, loadHailo, type HailoLibrary } from './library.js';
import { openSession } from './session.js';

/** Options of {@link hailo}. */
export interface HailoOptions {
  /** HailoRT's library; default `libhailort.so`, looked for where the system's loader looks. */
  readonly library?: string;
  /** Milliseconds that a frame may take; default 10 000. */
  readonly timeout?: number;
  /** Share the device with other processes through HailoRT's service, which must run; default false. */
  readonly share?: boolean;
}

/** Devices that are looked for. */
const MOST_DEVICES = 32;

/**
 * Hailo accelerators by HailoRT's C library: models are HEF files.
 *
 * Networks of one or several processes take turns by HailoRT's scheduler. A session whose device is lost or does not
 * answer says so and is of no further use; close it and open another.
 *
 * @throws InputError when the library is missing or of another version, see {@link loadHailo}
 * @example
 * const runtime = await hailo();
 * const session = await runtime.createSession(readFileSync('model.hef'));
 */
export async function hailo(options: HailoOptions = {}): Promise<DescribedRuntime> {
  const { library: path = defaultLibrary(), timeout = 10_000, share = false } = options;
  const library = await loadHailo(path);
  const { major, minor, revision } = library.version;
  return {
    name: `HailoRT ${major}.${minor}.${revision}`,
    createSession: async (hef) => {
      const devices = await scanDevices(library);
      if (devices.length === 0) throw noDevice();
      return openSession(library, hef, { timeout, share });
    },
  };
}

/** Names of the devices in this machine, e.g. `0000:01:00.0`. @throws InputError as {@link hailo} */
export async function hailoDevices(path = defaultLibrary()): Promise<string[]> {
  return scanDevices(await loadHailo(path));
}

async function scanDevices({ call }: HailoLibrary): Promise<string[]> {
  const ids = new Uint8Array(MOST_DEVICES * DEVICE_ID_BYTES);
  const count = [MOST_DEVICES];
  await call.hailo_scan_devices('looking for devices', null, ids, count);
  return Array.from({ length: Number(count[0]) }, (_, i) => {
    const id = ids.subarray(i * DEVICE_ID_BYTES, (i + 1) * DEVICE_ID_BYTES);
    return new TextDecoder().decode(id.subarray(0, id.indexOf(0)));
  });
}

function noDevice(): InputError {
  return new InputError({
    where: 'HailoRT',
    received: 'no device',
    expected: 'a Hailo accelerator',
    remedy: 'check that it is plugged in and that "hailortcli scan" finds it',
  });
}
