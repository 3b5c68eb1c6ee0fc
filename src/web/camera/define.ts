import { cameraElement } from './element.js';

/**
 * Registers the custom element `<mien-camera>`, once; importing the module registers nothing.
 *
 * Attributes: `model`, `wasm-paths`, `onnxruntime`, `device`, `threads` as in `load`; `autostart`; `interval` in
 * milliseconds; `mirror="off"`; `start-label`, `stop-label`. Events: `expression`, `error`.
 *
 * @example
 * defineMienCamera();
 * document.querySelector('mien-camera')?.addEventListener('expression', ({ detail }) => console.log(detail.class));
 */
export function defineMienCamera(name = 'mien-camera'): void {
  if (customElements.get(name) === undefined) customElements.define(name, cameraElement());
}
