import { ortNode } from '../../runtime/node/ort.js';
import type { Runtime } from '../../runtime/session.js';

/** A runtime, and whether each of its sessions is still open, in the order in which they were made. */
export function countingRuntime(): { readonly runtime: Runtime; readonly open: boolean[] } {
  const inner = ortNode();
  const open: boolean[] = [];
  const runtime: Runtime = {
    name: inner.name,
    createSession: async (model, options) => {
      const session = await inner.createSession(model, options);
      const place = open.push(true) - 1;
      return {
        run: (feeds, into) => session.run(feeds, into),
        close: async () => {
          open[place] = false;
          await session.close();
        },
      };
    },
  };
  return { runtime, open };
}
