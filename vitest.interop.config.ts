import { defineConfig } from 'vitest/config';

/** Tests against other frameworks; scripts/interop.mjs provides them. */
export default defineConfig({
  test: {
    include: ['tests/interop/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
