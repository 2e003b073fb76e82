/** What a Java process may see of the environment of the control plane: never the operator's keys. */
const NAMES = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'JAVA_HOME', 'TMPDIR'];

export function workerEnvironment(): Record<string, string> {
  const given = NAMES.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  // Memory that one thread gave back is there for the others: the C library keeps a heap for each otherwise.
  return { ...Object.fromEntries(given), MALLOC_ARENA_MAX: '2' };
}
