/** The custom element `<mien-camera>`: `mienjs/web/camera`. */
export { defineMienCamera } from './camera/define.js';
export type { ExpressionDetail, MienCameraElement } from './camera/element.js';
