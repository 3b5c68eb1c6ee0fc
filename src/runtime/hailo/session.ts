import { GraphError, InputError } from '../../core/errors.js';
import { sizeOf, type Tensor } from '../../core/tensor.js';
import type { DescribedSession, Feeds, Port } from '../session.js';
import {
  MOST_GROUPS,
  MOST_STREAMS,
  ROUND_ROBIN,
  SHARED_GROUP,
  VSTREAM_INFO,
  VSTREAM_PARAMS,
} from './layout.js';
import type { Handle, HailoLibrary, VDeviceParams } from './library.js';
import { portOf, readInfos, setParams } from './streams.js';

/** How a session uses its device. */
export interface SessionSettings {
  /** Milliseconds that a frame may take. */
  readonly timeout: number;
  readonly share: boolean;
}

/** An open stream. */
interface Stream {
  readonly handle: Handle;
  readonly port: Port;
}

/** Undoes one step of opening. */
type Release = () => Promise<void>;

/** Loads a HEF onto a device and opens its streams. @throws InputError in one sentence; nothing stays open then */
export async function openSession(
  library: HailoLibrary,
  hef: Uint8Array,
  settings: SessionSettings,
): Promise<DescribedSession> {
  const releases: Release[] = [];
  try {
    return await new Opening(library, settings, releases).open(hef);
  } catch (error) {
    await releaseAll(releases);
    throw error;
  }
}

/** Last opened, first closed. What is gone already cannot be closed, and that is no news. */
async function releaseAll(releases: Release[]): Promise<void> {
  for (const release of releases.splice(0).reverse()) await release().catch(() => undefined);
}

class Opening {
  constructor(
    private readonly library: HailoLibrary,
    private readonly settings: SessionSettings,
    private readonly releases: Release[],
  ) {}

  async open(bytes: Uint8Array): Promise<DescribedSession> {
    const { call } = this.library;
    const hef = await this.handle((out) =>
      call.hailo_create_hef_buffer('reading the HEF', out, bytes, bytes.length),
    );
    this.releases.push(() => call.hailo_release_hef('closing', hef));
    const ports = await this.ports(hef);
    const device = await this.device();
    const group = await this.configure(device, hef);
    const inputs = await this.streams(group, 'input', ports.inputs);
    const outputs = await this.streams(group, 'output', ports.outputs);
    // The library may read from the file's bytes as long as it is open.
    return new HailoSession(this.library, { inputs, outputs, releases: this.releases, hef: bytes });
  }

  private async ports(hef: Handle): Promise<{ inputs: Port[]; outputs: Port[] }> {
    const bytes = new Uint8Array(MOST_STREAMS * VSTREAM_INFO.bytes);
    const count = [MOST_STREAMS];
    await this.library.call.hailo_hef_get_all_vstream_infos('reading the HEF', hef, null, bytes, count);
    const infos = readInfos(bytes, Number(count[0]));
    const of = (direction: 'input' | 'output') =>
      infos.filter((info) => info.direction === direction).map(portOf);
    return { inputs: of('input'), outputs: of('output') };
  }

  private async device(): Promise<Handle> {
    const { call } = this.library;
    const params: VDeviceParams = {
      device_count: 1,
      device_ids: null,
      scheduling_algorithm: ROUND_ROBIN,
      group_id: null,
      multi_process_service: false,
    };
    await call.hailo_init_vdevice_params('preparing the device', params);
    params.scheduling_algorithm = ROUND_ROBIN;
    if (this.settings.share) {
      params.multi_process_service = true;
      params.group_id = SHARED_GROUP;
    }
    const device = await this.handle((out) => call.hailo_create_vdevice('opening the device', params, out));
    this.releases.push(() => call.hailo_release_vdevice('closing', device));
    return device;
  }

  private async configure(device: Handle, hef: Handle): Promise<Handle> {
    const groups = new Array<Handle | null>(MOST_GROUPS).fill(null);
    const count = [MOST_GROUPS];
    await this.library.call.hailo_configure_vdevice('loading the network', device, hef, null, groups, count);
    const [group] = groups;
    if (group !== null && group !== undefined && Number(count[0]) === 1) return group;
    const received = `a HEF of ${Number(count[0])} network groups`;
    throw new InputError({ where: 'HailoRT', received, expected: 'one network' });
  }

  private async streams(
    group: Handle,
    direction: 'input' | 'output',
    ports: readonly Port[],
  ): Promise<Stream[]> {
    const { call } = this.library;
    const bytes = new Uint8Array(MOST_STREAMS * VSTREAM_PARAMS.bytes);
    const count = [MOST_STREAMS];
    const doing = `opening the ${direction}`;
    await call[`hailo_make_${direction}_vstream_params`](doing, group, false, 0, bytes, count);
    const opened = Number(count[0]);
    const names = setParams(bytes, opened, { ports, timeout: this.settings.timeout });
    const handles = new Array<Handle | null>(opened).fill(null);
    await call[`hailo_create_${direction}_vstreams`](doing, group, bytes, opened, handles);
    this.releases.push(() => call[`hailo_release_${direction}_vstreams`]('closing', handles, opened));
    return Promise.all(names.map((name, i) => this.stream(direction, handles[i], portNamed(ports, name))));
  }

  private async stream(
    direction: 'input' | 'output',
    handle: Handle | null | undefined,
    port: Port,
  ): Promise<Stream> {
    if (handle === null || handle === undefined) {
      throw new GraphError({ where: 'HailoRT', received: `no stream "${port.name}"`, expected: 'one' });
    }
    const size = [0];
    await this.library.call[`hailo_get_${direction}_vstream_frame_size`](
      `measuring "${port.name}"`,
      handle,
      size,
    );
    const bytes = sizeOf(port.shape) * (port.dtype === 'float32' ? 4 : 1);
    if (Number(size[0]) === bytes) return { handle, port };
    // Writing another number of bytes than the library reads would be an accident in memory.
    throw new GraphError({
      where: `HailoRT: "${port.name}"`,
      received: `frames of ${Number(size[0])} bytes`,
      expected: `${bytes} for ${port.dtype} [${port.shape.join(', ')}]`,
    });
  }

  /** The pointer that a call gives back. */
  private async handle(call: (out: (Handle | null)[]) => Promise<void>): Promise<Handle> {
    const out: (Handle | null)[] = [null];
    await call(out);
    const [handle] = out;
    if (handle !== null && handle !== undefined) return handle;
    throw new GraphError({ where: 'HailoRT', received: 'success without a result', expected: 'a result' });
  }
}

function portNamed(ports: readonly Port[], name: string): Port {
  const port = ports.find((each) => each.name === name);
  if (port !== undefined) return port;
  throw new GraphError({ where: 'HailoRT', received: `the stream "${name}"`, expected: 'one of the HEF' });
}

interface SessionParts {
  readonly inputs: readonly Stream[];
  readonly outputs: readonly Stream[];
  readonly releases: Release[];
  readonly hef: Uint8Array;
}

class HailoSession implements DescribedSession {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  private failure: unknown;
  private busy: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly library: HailoLibrary,
    private readonly parts: SessionParts,
  ) {
    this.inputs = parts.inputs.map(({ port }) => port);
    this.outputs = parts.outputs.map(({ port }) => port);
  }

  /** Frames of two runs must not mix in the streams, so runs wait for each other. */
  run(feeds: Feeds, into: Feeds = {}): Promise<Record<string, Tensor>> {
    const result = this.busy.then(() => this.exchange(feeds, into));
    this.busy = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    await this.busy;
    this.failure ??= new GraphError({
      where: 'HailoRT',
      received: 'a run after close',
      expected: 'an open session',
    });
    await releaseAll(this.parts.releases);
  }

  private async exchange(feeds: Feeds, into: Feeds): Promise<Record<string, Tensor>> {
    if (this.failure !== undefined) throw this.failure as Error;
    const { call } = this.library;
    const data = this.parts.inputs.map(({ port }) => checkedInput(port, feeds[port.name]));
    const results = this.parts.outputs.map(({ port }) => into[port.name] ?? emptyOutput(port));
    const writes = this.parts.inputs.map(({ handle, port }, i) =>
      call.hailo_vstream_write_raw_buffer(`writing "${port.name}"`, handle, data[i], data[i]?.byteLength),
    );
    const reads = this.parts.outputs.map(({ handle, port }, i) => {
      const target = results[i]?.data;
      return call.hailo_vstream_read_raw_buffer(`reading "${port.name}"`, handle, target, target?.byteLength);
    });
    // All calls must have come back before their memory may go.
    const ends = await Promise.allSettled([...writes, ...reads]);
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) {
      // A late answer would be taken for the next frame's: the streams are out of step from here on.
      this.failure = failed.reason;
      throw failed.reason as Error;
    }
    return Object.fromEntries(
      this.parts.outputs.map(({ port }, i) => [port.name, results[i] ?? emptyOutput(port)]),
    );
  }
}

function checkedInput({ name, dtype, shape }: Port, tensor: Tensor | undefined): Tensor['data'] {
  if (tensor?.dtype === dtype && tensor.data.length === sizeOf(shape)) return tensor.data;
  const received = tensor === undefined ? 'no tensor' : `${tensor.dtype} [${tensor.shape.join(', ')}]`;
  const expected = `${dtype} [${shape.join(', ')}]`;
  throw new GraphError({ where: `HailoRT: input "${name}"`, received, expected });
}

function emptyOutput({ dtype, shape }: Port): Tensor {
  return { dtype, shape, data: new Float32Array(sizeOf(shape)) };
}
