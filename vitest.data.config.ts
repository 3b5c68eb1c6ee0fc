import { defineConfig } from 'vitest/config';

/** Tests on the real FER2013; scripts/test-data.mjs finds it. */
export default defineConfig({
  test: {
    include: ['tests/data/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
