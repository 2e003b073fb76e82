import { defineConfig } from 'vitest/config';

/** One project per kind of test: what it needs from the machine and how long it may take differ. */
export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-reporter.ts'],
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'sim', include: ['sim/**/*.test.ts'], testTimeout: 240_000 } },
      {
        // Real processes, ports and clients: one file at a time, so that they do not slow each other down.
        test: {
          name: 'clients',
          include: ['test/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
