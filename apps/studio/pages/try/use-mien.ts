import { useEffect, useState } from 'preact/hooks';

import { load, type Mien } from '../../../../src/web.js';
import { address, messageOf } from '../../parts/client.js';

/** A model in a worker of this page; freed when another is chosen. */
export function useMien(model: string): {
  readonly mien: Mien | undefined;
  readonly problem: string | undefined;
} {
  const [state, setState] = useState<{ readonly mien?: Mien; readonly problem?: string }>({});
  useEffect(() => {
    let current = true;
    setState({});
    const loading = load({
      model: address('/try/model', { model }),
      onnxruntime: '/studio/ort/ort.wasm.bundle.min.mjs',
      wasmPaths: '/studio/ort/',
      worker: () =>
        new Worker(new URL('../../../../src/web/worker-url.ts', import.meta.url), {
          type: 'module',
          name: 'mien',
        }),
    });
    loading.then(
      (mien) => current && setState({ mien }),
      (error: unknown) => current && setState({ problem: messageOf(error) }),
    );
    return () => {
      current = false;
      void loading.then((mien) => mien.close()).catch(() => undefined);
    };
  }, [model]);
  return { mien: state.mien, problem: state.problem };
}
