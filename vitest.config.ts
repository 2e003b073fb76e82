import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

/** They compare times with a bound, or stop the clock of whole processes: nothing else may run beside them. */
const ALONE = [
  'test/aws/faults.test.ts',
  'test/clients/closest-replica.test.ts',
  'test/faults/kill-loop.test.ts',
  'test/hostile/login-flood.test.ts',
  'test/hostile/memory.test.ts',
  'test/hostile/quotas.test.ts',
  'test/library/running-cluster.test.ts',
];
/** Vitest's own limit is a second, in which a busy machine may run nothing of a test. */
const EXPECT = { poll: { timeout: 60_000 } };
/** Most of the time their processes wait; more at once would only wait for each other. */
const CLIENTS_AT_ONCE = 2;
/** What a hung test costs. On a machine that is slow and busy the longest tests take half of it. */
const CLIENTS = { testTimeout: 600_000, hookTimeout: 600_000, expect: EXPECT };
/** What these tests start and make on disk ends with them, also when they are killed. */
const NOTHING_LEFT = './test/support/nothing-left.ts';
/** Delays requests where that is asked for. */
const LATE = './test/support/late-requests.ts';
/** A program for which a test waits synchronously has a limit, because Vitest's does not hold there. */
const SYNCHRONOUS = './test/support/synchronous-limit.ts';
/** What is secret in these tests is looked for in everything that Millrace says. */
const WATCH = './test/support/secrets/watch.ts';

/** One project per kind of test: what it needs from the machine and how long it may take differ. Groups run one after another. */
export default defineConfig({
  test: {
    globalSetup: ['./test/support/secrets/end-of-run.ts', './test/support/outgoing-ports.ts'],
    reporters: ['default', './test/support/closing-reporter.ts'],
    // All cores: Vitest leaves one free by default, which is half of the machine that CI has.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: EXPECT,
        },
      },
      {
        // Each history leaves buffers behind: a larger heap is collected less often.
        test: {
          name: 'sim',
          include: ['sim/**/*.test.ts'],
          testTimeout: 900_000,
          execArgv: ['--initial-old-space-size=256'],
        },
      },
      {
        // Real processes, ports and clients.
        test: {
          name: 'clients',
          include: ['test/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: CLIENTS_AT_ONCE,
          sequence: { groupOrder: 1 },
          setupFiles: [NOTHING_LEFT, SYNCHRONOUS, WATCH, LATE, './test/support/secrets/watch-processes.ts'],
          ...CLIENTS,
        },
      },
      {
        test: {
          name: 'clients-alone',
          include: ALONE,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          setupFiles: [NOTHING_LEFT, SYNCHRONOUS, WATCH, LATE],
          ...CLIENTS,
        },
      },
    ],
  },
});
