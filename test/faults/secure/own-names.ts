import { spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Says to the program that it is run under names of its own. */
const MARK = 'MILLRACE_FAULTS_HAVE_NAMES';
const HOSTS = '/etc/hosts';

/** What brokers are called; every client of the run finds them by these names, and checks that their certificates have them. */
export const NAMED_BROKERS = 'broker-{id}.faults.test';

/** Whether names of this run are known to this process, and to all that it starts. */
export const hasOwnNames = (): boolean => process.env[MARK] !== undefined;

/**
 * Runs this program again where the system knows names that nobody else sees: in a mount namespace with a file of hosts of its own. The
 * status of that run. For root alone.
 */
export function runWithOwnNames(addresses: Readonly<Record<string, string>>): number {
  const hosts = join(mkdtempSync(join(tmpdir(), 'millrace-hosts-')), 'hosts');
  copyFileSync(HOSTS, hosts);
  for (const [name, address] of Object.entries(addresses)) appendFileSync(hosts, `${address} ${name}\n`);
  const script = `mount --bind "${hosts}" ${HOSTS} && exec "$0" "$@"`;
  const { status, error } = spawnSync(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', script, process.execPath, ...process.argv.slice(1)],
    { stdio: 'inherit', env: { ...process.env, [MARK]: 'true' } },
  );
  if (error) throw error;
  return status ?? 1;
}
