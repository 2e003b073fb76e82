import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { portText, tcpSocket } from '../../platform/tcp-table.ts';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
/** TCP_LISTEN. */
const LISTENS = '0A';

/**
 * Who has a port, for a sentence: `another process (java, 4711)`; without its name where this user or this
 * system does not tell.
 */
export function portHolder(port: number): string {
  const inodes = new Set(TABLES.flatMap((table) => listeners(read(table) ?? '', port)));
  const pid = inodes.size === 0 ? undefined : readdirSync('/proc').find((one) => has(one, inodes));
  const name = pid === undefined ? null : nameOf(pid);
  return name ? `another process (${name}, ${pid})` : 'another process';
}

/**
 * The program, and of Node the script: `node server.js`. The kernel's own name of a process is no help there,
 * since each process of a newer Node is called MainThread.
 */
function nameOf(pid: string): string | null {
  const [program = '', ...args] = read(`/proc/${pid}/cmdline`)?.split('\0') ?? [];
  if (program === '') return read(`/proc/${pid}/comm`)?.trim() || null;
  const name = basename(program);
  const script = name === 'node' ? args.find((arg) => arg !== '' && !arg.startsWith('-')) : undefined;
  return script === undefined ? name : `${name} ${basename(script)}`;
}

/** The inodes of sockets that listen on the port. */
function listeners(table: string, port: number): string[] {
  const end = `:${portText(port)}`;
  return table.split('\n').flatMap((row) => {
    const { local, state, inode } = tcpSocket(row);
    return local.endsWith(end) && state === LISTENS ? [`socket:[${inode}]`] : [];
  });
}

function has(pid: string, inodes: ReadonlySet<string>): boolean {
  if (!/^\d+$/.test(pid)) return false;
  return (attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []).some((fd) =>
    inodes.has(attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? ''),
  );
}

function read(file: string): string | null {
  return attempt(() => readFileSync(file, 'utf8'));
}

/** Null for what is gone meanwhile, is another user's or does not exist on this system. */
function attempt<T>(run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
