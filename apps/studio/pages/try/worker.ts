/** The worker of the Try page: the package's own, which takes ONNX Runtime from the studio's server. */
import '../../../../src/web/worker-url.js';
