import type * as koffi from 'koffi';

import { InputError, messageOf } from '../../core/errors.js';
import { SUPPORTED } from './layout.js';
import { statusError } from './status.js';

/** A C type as koffi takes it. */
type TypeSpec = string | koffi.TypeObject | ReturnType<typeof koffi.inout>;

/** A C pointer that is only passed on. */
export type Handle = object | bigint | number;

/** A `hailo_*` function; calls run outside the JavaScript thread. Throws a sentence unless the status is success. */
export type Call = (doing: string, ...args: readonly unknown[]) => Promise<void>;

/** HailoRT's version. */
export interface HailoVersion {
  readonly major: number;
  readonly minor: number;
  readonly revision: number;
}

/** Parameters of a virtual device; fields as in `hailo_vdevice_params_t`. */
export interface VDeviceParams {
  device_count: number;
  device_ids: unknown;
  scheduling_algorithm: number;
  group_id: string | null;
  multi_process_service: boolean;
}

/** Argument types of each function that returns a status, in koffi's notation. */
function signatures(vdeviceParams: TypeSpec) {
  return {
    hailo_scan_devices: ['void *', 'void *', '_Inout_ size_t *'],
    hailo_init_vdevice_params: [vdeviceParams],
    hailo_create_vdevice: [vdeviceParams, '_Out_ void **'],
    hailo_release_vdevice: ['void *'],
    hailo_create_hef_buffer: ['_Out_ void **', 'void *', 'size_t'],
    hailo_release_hef: ['void *'],
    hailo_hef_get_all_vstream_infos: ['void *', 'void *', 'void *', '_Inout_ size_t *'],
    hailo_configure_vdevice: ['void *', 'void *', 'void *', '_Out_ void **', '_Inout_ size_t *'],
    hailo_make_input_vstream_params: ['void *', 'bool', 'int', 'void *', '_Inout_ size_t *'],
    hailo_make_output_vstream_params: ['void *', 'bool', 'int', 'void *', '_Inout_ size_t *'],
    hailo_create_input_vstreams: ['void *', 'void *', 'size_t', '_Out_ void **'],
    hailo_create_output_vstreams: ['void *', 'void *', 'size_t', '_Out_ void **'],
    hailo_get_input_vstream_frame_size: ['void *', '_Out_ size_t *'],
    hailo_get_output_vstream_frame_size: ['void *', '_Out_ size_t *'],
    hailo_vstream_write_raw_buffer: ['void *', 'void *', 'size_t'],
    hailo_vstream_read_raw_buffer: ['void *', 'void *', 'size_t'],
    hailo_release_input_vstreams: ['void **', 'size_t'],
    hailo_release_output_vstreams: ['void **', 'size_t'],
  } satisfies Record<string, readonly TypeSpec[]>;
}

/** The functions used, by HailoRT's names. */
export type HailoFunctions = Readonly<Record<keyof ReturnType<typeof signatures>, Call>>;

/** A loaded library. */
export interface HailoLibrary {
  readonly version: HailoVersion;
  readonly call: HailoFunctions;
}

/** The library's file name on this system. */
export function defaultLibrary(platform: NodeJS.Platform = process.platform): string {
  return platform === 'win32' ? 'libhailort.dll' : 'libhailort.so';
}

/**
 * Loads HailoRT's C library and checks that its interface is the one known here.
 * @throws InputError when there is none, it lacks a function, or it is of another version
 */
export async function loadHailo(path = defaultLibrary()): Promise<HailoLibrary> {
  const ffi = await loadKoffi();
  const library = open(ffi, path);
  try {
    const message = library.func('hailo_get_status_message', 'str', ['int']) as (
      status: number,
    ) => string | null;
    const version = readVersion(ffi, library, message);
    checkVersion(path, version);
    return { version, call: bind(ffi, library, message) };
  } catch (error) {
    if (error instanceof InputError) throw error;
    const received = `a library that is not HailoRT (${messageOf(error)})`;
    throw new InputError({ where: path, received, expected: `HailoRT ${supportedText()}` }, { cause: error });
  }
}

async function loadKoffi(): Promise<typeof koffi> {
  try {
    return await import('koffi');
  } catch (error) {
    throw new InputError(
      {
        where: 'HailoRT',
        received: `no package koffi (${messageOf(error)})`,
        expected: 'it, to call native libraries',
        remedy: 'npm install koffi',
      },
      { cause: error },
    );
  }
}

function open(ffi: typeof koffi, path: string): koffi.LibraryHandle {
  try {
    return ffi.load(path);
  } catch (error) {
    throw new InputError(
      {
        where: 'HailoRT',
        received: `no library "${path}" (${messageOf(error)})`,
        expected: `HailoRT ${supportedText()}`,
        remedy:
          'install it (on Raspberry Pi OS: apt install hailo-all) or give its library with --hailort FILE',
      },
      { cause: error },
    );
  }
}

type Message = (status: number) => string | null;

function readVersion(ffi: typeof koffi, library: koffi.LibraryHandle, message: Message): HailoVersion {
  const type = ffi.struct({ major: 'uint32', minor: 'uint32', revision: 'uint32' });
  const get = library.func('hailo_get_library_version', 'int', [ffi.out(ffi.pointer(type))]) as (
    version: object,
  ) => number;
  const version = { major: 0, minor: 0, revision: 0 };
  const status = get(version);
  if (status !== 0) throw statusError(status, 'asking for its version', message(status) ?? '');
  return version;
}

function checkVersion(path: string, { major, minor, revision }: HailoVersion): void {
  const [lowest, highest] = SUPPORTED[major] ?? [1, 0];
  if (minor >= lowest && minor <= highest) return;
  throw new InputError({
    where: path,
    received: `HailoRT ${major}.${minor}.${revision}`,
    expected: supportedText(),
    remedy: 'other versions may lay out their data differently; install one of these',
  });
}

function supportedText(): string {
  return Object.entries(SUPPORTED)
    .map(([major, [lowest, highest]]) => `${major}.${lowest} to ${major}.${highest}`)
    .join(' or ');
}

function bind(ffi: typeof koffi, library: koffi.LibraryHandle, message: Message): HailoFunctions {
  const params = ffi.struct({
    device_count: 'uint32',
    device_ids: 'void *',
    scheduling_algorithm: 'int',
    group_id: 'str',
    multi_process_service: 'bool',
  });
  const bound = Object.entries(signatures(ffi.inout(ffi.pointer(params)))).map(([name, types]) => {
    const native = library.func(name, 'int', [...types]);
    return [name, caller(native, message)] as const;
  });
  return Object.fromEntries(bound) as HailoFunctions;
}

function caller(native: koffi.KoffiFunc<(...args: unknown[]) => number>, message: Message): Call {
  return async (doing, ...args) => {
    const status = await new Promise<number>((resolve, reject) => {
      native.async(...args, (error: unknown, result: number) => {
        if (error === null || error === undefined) resolve(result);
        else reject(error instanceof Error ? error : new Error(messageOf(error)));
      });
    });
    if (status !== 0) throw statusError(status, doing, message(status) ?? '');
  };
}
