import type { ChildProcess } from 'node:child_process';

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A program that this process started, which is not to go on when this one ends, also by a signal that it exits at. */
export function endsWithThis<Child extends ChildProcess>(child: Child): Child {
  running.add(child);
  const forget = (): void => void running.delete(child);
  child.once('exit', forget);
  child.once('error', forget);
  return child;
}
