import { configDefaults, defineConfig } from 'vitest/config';

/** A comparison with a file that nobody can install: it runs by hand, where MIEN_HEF_PROTO names the file. */
const BY_HAND = process.env['MIEN_HEF_PROTO'] === undefined ? ['tests/interop/hef-proto.test.ts'] : [];

/** Tests against other frameworks; scripts/interop.mjs provides them. */
export default defineConfig({
  test: {
    include: ['tests/interop/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...BY_HAND],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
