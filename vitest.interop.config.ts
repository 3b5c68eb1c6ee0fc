import { configDefaults, defineConfig } from 'vitest/config';

/** A comparison with a file that nobody can install: it runs by hand, where MIEN_HEF_PROTO names the file. */
const BY_HAND = process.env['MIEN_HEF_PROTO'] === undefined ? ['tests/interop/hef-proto.test.ts'] : [];

/** Tests that take minutes each run by a command of their own: `npm run test:interop -- --large`. */
const LARGE = 'tests/interop/**/*-large.test.ts';
const large = process.env['MIEN_INTEROP_LARGE'] !== undefined;

/** Tests against other frameworks; scripts/interop.mjs provides them. */
export default defineConfig({
  test: {
    include: [large ? LARGE : 'tests/interop/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...BY_HAND, ...(large ? [] : [LARGE])],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
