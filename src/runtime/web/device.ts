import type { Device } from './ort.js';

interface Graphics {
  readonly gpu?: { requestAdapter(): Promise<unknown> };
}

/** The device that is wanted, or WebAssembly where the browser or the machine has no WebGPU. */
export async function availableDevice(wanted: Device): Promise<Device> {
  if (wanted === 'wasm') return 'wasm';
  const { gpu } = navigator as Graphics;
  const adapter = await gpu?.requestAdapter().catch(() => null);
  return adapter === undefined || adapter === null ? 'wasm' : 'webgpu';
}
