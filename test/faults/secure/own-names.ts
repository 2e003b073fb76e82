import { spawn } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Says to the program that it is run under names of its own. */
const MARK = 'MILLRACE_FAULTS_HAVE_NAMES';
const HOSTS = '/etc/hosts';

/**
 * What brokers are called; every client of the run finds them by these names, and checks that their
 * certificates have them.
 */
export const NAMED_BROKERS = 'broker-{id}.faults.test';

/** Whether names of this run are known to this process, and to all that it starts. */
export const hasOwnNames = (): boolean => process.env[MARK] !== undefined;

/**
 * Runs this program again where the system knows names that nobody else sees: in a mount namespace with a
 * file of hosts of its own. Resolves to the status of that run, which ends when this process is asked to, or
 * is killed. For root alone.
 */
export async function runWithOwnNames(addresses: Readonly<Record<string, string>>): Promise<number> {
  const hosts = join(mkdtempSync(join(tmpdir(), 'millrace-hosts-')), 'hosts');
  copyFileSync(HOSTS, hosts);
  for (const [name, address] of Object.entries(addresses)) appendFileSync(hosts, `${address} ${name}\n`);
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
