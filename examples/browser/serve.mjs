// node examples/browser/serve.mjs MODEL.onnx [PORT]: serves the example on this machine alone.
// It stands in for any web server: the page needs these files, and nothing else.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [model, port = '8080'] = process.argv.slice(2);
if (model === undefined || !existsSync(model)) {
  console.error('serve.mjs: received no model, expected a file written by mien export mien --format onnx.');
  process.exit(1);
}
const require = createRequire(import.meta.url);
const FOLDERS = {
  '/node_modules/mienjs/': join(here, '..', '..'),
  '/node_modules/onnxruntime-web/dist/': dirname(require.resolve('onnxruntime-web/wasm')),
  '/': here,
};
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript' };
TYPES['.wasm'] = 'application/wasm';

createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const file = fileOf(decodeURIComponent(pathname));
  if (file === undefined || !existsSync(file) || !statSync(file).isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
    // With these two, the page may use threads.
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  });
  createReadStream(file).pipe(response);
}).listen(Number(port), '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/`));

function fileOf(path) {
  if (path === '/model.onnx') return model;
  const prefix = Object.keys(FOLDERS).find((start) => path.startsWith(start));
  const rest = path === '/' ? 'index.html' : path.slice(prefix.length);
  return join(FOLDERS[prefix], normalize(`/${rest}`));
}
