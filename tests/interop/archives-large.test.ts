/** Archives of the deep nets in real Keras, which takes minutes to open and train them: `npm run test:interop -- --large`. */
import { describeArchives, drawn } from './archives.js';

describeArchives([
  ['DenseNet121', 64, true, () => Promise.resolve(drawn('densenet121', { kind: 'light' }, 64))],
  ['NASNetMobile', 64, false, () => Promise.resolve(drawn('nasnetMobile', { kind: 'light' }, 64))],
]);
