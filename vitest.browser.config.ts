import { defineConfig } from 'vitest/config';

/** Tests in a real browser; scripts/test-browser.mjs builds first. */
export default defineConfig({
  test: {
    include: ['tests/browser/**/*.test.ts'],
    globalSetup: ['tests/browser/studio/prepare.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
