/**
 * Runs its arguments as a program until the standard input ends: it does when the process that started it
 * closes it, and when that process is killed.
 */
const SCRIPT = [
  'exec 3<&0',
  '"$@" 3<&- & program=$!',
  '{ read -r _ <&3; kill -9 $program; } & watch=$!',
  'wait $program; status=$?; kill $watch; exit $status',
].join('\n');

/**
 * The words by which a program is started that has no life of its own. Its standard input must be a pipe,
 * which the program itself does not see.
 */
export function endingWithUs(...words: readonly string[]): [string, ...string[]] {
  return ['/bin/sh', '-c', SCRIPT, 'sh', ...words];
}
