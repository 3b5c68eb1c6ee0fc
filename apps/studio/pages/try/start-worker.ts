/**
 * Stands for the package's own `start-worker` in the studio's build: there the page brings its worker, and a bundler that
 * saw the others would pack ONNX Runtime's files a second time.
 */
export function startWorker({ worker }: { readonly worker?: () => Worker }): Worker {
  if (worker === undefined) throw new TypeError('the studio gives load() a worker');
  return worker();
}
