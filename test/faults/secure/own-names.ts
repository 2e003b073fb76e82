import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { passingFile } from '../../support/passing-file.ts';

/** Tells the program that it runs with names of its own. */
const MARK = 'MILLRACE_FAULTS_HAVE_NAMES';
const HOSTS = '/etc/hosts';

/** The brokers' names: every client of the run uses them, and checks that the certificates have them. */
export const NAMED_BROKERS = 'broker-{id}.faults.test';

/** Whether this process, and all that it starts, know the names of this run. */
export const hasOwnNames = (): boolean => process.env[MARK] !== undefined;

/**
 * Runs this program again in a mount namespace with its own hosts file, so that the system knows names that
 * no other process sees. Resolves with the status of that run, which ends when this process is asked to end
 * or is killed. Needs root.
 */
export async function runWithOwnNames(addresses: Readonly<Record<string, string>>): Promise<number> {
  const own = Object.entries(addresses).map(([name, address]) => `${address} ${name}\n`);
  const hosts = passingFile('hosts', readFileSync(HOSTS, 'utf8') + own.join(''));
  const script = `mount --bind "${hosts}" ${HOSTS} && exec setpriv --pdeathsig TERM "$0" "$@"`;
  const child = spawn(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', script, process.execPath, ...process.argv.slice(1)],
    { stdio: 'inherit', env: { ...process.env, [MARK]: 'true' } },
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => resolve(status ?? 1));
  });
}
