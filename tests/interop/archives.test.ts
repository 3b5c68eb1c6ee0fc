/** Archives of MobileNetV3-Small in real Keras, on real pictures. */
import { loadShipped } from '../../src/jobs/shipped.js';
import { describeArchives, drawn } from './archives.js';

describeArchives([
  ['the shipped model', 64, false, () => loadShipped('mien')],
  ['the shipped model, compiled', 64, true, () => loadShipped('mien')],
  ['the reference head', 64, false, () => Promise.resolve(drawn('mobileNetV3Small', {}, 128))],
]);
