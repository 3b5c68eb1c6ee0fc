import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vite';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Builds the studio's page into dist/studio, from where `mien studio` serves it. */
export default defineConfig({
  root: path('apps/studio'),
  base: '/studio/',
  logLevel: 'warn',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  resolve: {
    alias: [{ find: /^\.\/start-worker\.js$/, replacement: path('apps/studio/pages/try/start-worker.ts') }],
  },
  worker: { format: 'es' },
  build: {
    outDir: path('dist/studio'),
    emptyOutDir: true,
    target: 'es2022',
    // The page's policy forbids scripts inside the page and `data:` addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
