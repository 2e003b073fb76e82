import { keepAlive } from './keep-alive.ts';

/** A cluster that runs. */
export interface Stoppable {
  /** Where in the program it was started: a line of a stack trace. */
  readonly startedAt: string;
  stop(): Promise<void>;
}

const running = new Set<Stoppable>();
/** Set while the clusters are what the process lives for. */
let release: (() => void) | null = null;

/**
 * A process with nothing left to do but clusters. Under a test runner the tests are over and somebody forgot
 * to stop them: they are named and stopped, and the run ends. Any other program started them to have them.
 */
function nothingElseToDo(): void {
  if (!isTestRunner()) {
    release ??= keepAlive();
    return;
  }
  for (const cluster of running) {
    process.stderr.write(
      `millrace: a cluster was not stopped, started ${cluster.startedAt}: call its stop() when the tests are over. It is stopped now.\n`,
    );
    cluster.stop().catch((error: unknown) => {
      process.stderr.write(`millrace: it could not be stopped: ${String(error)}\n`);
    });
  }
  running.clear();
}

export function remember(cluster: Stoppable): void {
  if (running.size === 0) process.on('beforeExit', nothingElseToDo);
  running.add(cluster);
}

export function forget(cluster: Stoppable): void {
  running.delete(cluster);
  if (running.size > 0) return;
  process.off('beforeExit', nothingElseToDo);
  release?.();
  release = null;
}

/**
 * One that says so, node:test was loaded, or Mocha (and others of its kind) has put its words into the global
 * scope.
 */
function isTestRunner(): boolean {
  const { moduleLoadList } = process as { moduleLoadList?: unknown };
  const loaded: readonly unknown[] = Array.isArray(moduleLoadList) ? moduleLoadList : [];
  return (
    process.env.NODE_ENV === 'test' ||
    process.env.JEST_WORKER_ID !== undefined ||
    process.env.NODE_TEST_CONTEXT !== undefined ||
    loaded.includes('NativeModule internal/test_runner/harness') ||
    ('describe' in globalThis && 'it' in globalThis)
  );
}

/** The first line of the stack outside this package: `at file:line`. */
export function callerOf(inside: string): string {
  const lines = (new Error().stack ?? '').split('\n').slice(1);
  const outside = lines.find((line) => !line.includes(inside) && !line.includes('node:'));
  return outside?.trim() ?? 'at an unknown place';
}
