import { defineConfig } from 'vitest/config';

/** One project per kind of test: what it needs from the machine and how long it may take differ. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts'], testTimeout: 20_000 } },
      { test: { name: 'sim', include: ['sim/**/*.test.ts'], testTimeout: 240_000 } },
      {
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
