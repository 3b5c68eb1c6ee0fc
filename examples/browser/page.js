// What the page does: the camera, and the expression in a chosen file.
import { defineMienCamera } from '/node_modules/mienjs/dist/src/web/camera.js';
import { load } from '/node_modules/mienjs/dist/src/web.js';

defineMienCamera();

const answer = document.getElementById('answer');
let loading;

document.querySelector('input').addEventListener('change', async ({ target }) => {
  loading ??= load({
    model: '/model.onnx',
    onnxruntime: '/node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs',
    wasmPaths: '/node_modules/onnxruntime-web/dist/',
  });
  try {
    const mien = await loading;
    const { class: expression, probabilities, milliseconds } = await mien.predict(target.files[0]);
    const percent = Math.round(100 * probabilities[expression]);
    answer.textContent = `${expression} (${percent} %) in ${milliseconds.toFixed(0)} ms`;
  } catch (error) {
    answer.textContent = error.message;
  }
});
