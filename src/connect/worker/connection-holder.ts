import { readdir, readFile, readlink } from 'node:fs/promises';
import { endianness } from 'node:os';
import { portText, type TcpSocket, tcpSocket } from '../../platform/tcp-table.ts';

/** The process that is meant to hold the other end of a connection. */
export interface Holder {
  readonly pid: number;
  /** The number of the user that it runs as. */
  readonly user: number;
}

/** A connection from `from` to `to`, both ports of 127.0.0.1. */
export interface LoopbackConnection {
  readonly from: number;
  readonly to: number;
}

/** 127.0.0.1 as Linux writes it (proc_net_tcp.txt): the words of the address in the machine's own order. */
const LOOPBACK = endianness() === 'LE' ? '0100007F' : '7F000001';
/** The same for a socket of both families, which Java's are: ::ffff:127.0.0.1. */
const MAPPED = `0000000000000000${endianness() === 'LE' ? 'FFFF0000' : '0000FFFF'}${LOOPBACK}`;
const TABLES = [
  ['/proc/net/tcp', LOOPBACK],
  ['/proc/net/tcp6', MAPPED],
] as const;

/**
 * Whether the process holds the other end of the connection: `nobody` while no process has accepted it yet,
 * and once it was closed there. Where Linux does not let this process look into that one (a container without
 * CAP_SYS_PTRACE, in which the worker has a user of its own), it is whether the user of the process does.
 * Rejects where Linux's tables of connections cannot be read.
 */
export async function holdOf(
  connection: LoopbackConnection,
  { pid, user }: Holder,
): Promise<'held' | 'nobody' | 'another'> {
  const end = await otherEnd(connection);
  if (end === null || end.inode === '0') return 'nobody';
  const sockets = await socketsOf(pid);
  return (sockets === null ? end.user === user : sockets.has(end.inode)) ? 'held' : 'another';
}

/** Null where the table has none, which it has not while the connection is only just made. */
async function otherEnd({ from, to }: LoopbackConnection): Promise<TcpSocket | null> {
  for (const [table, address] of TABLES) {
    const [local, remote] = [`${address}:${portText(to)}`, `${address}:${portText(from)}`];
    for (const row of (await tableText(table)).split('\n')) {
      if (!row.includes(remote)) continue;
      const socket = tcpSocket(row);
      if (socket.local === local && socket.remote === remote) return socket;
    }
  }
  return null;
}

/** Empty where there is none: a machine without IPv6 has no tcp6. */
async function tableText(table: string): Promise<string> {
  try {
    return await readFile(table, 'utf8');
  } catch (error) {
    if (table !== '/proc/net/tcp' && isErrno(error, ['ENOENT'])) return '';
    throw error;
  }
}

/** The inodes of the sockets of a process; null where they may not be seen. */
async function socketsOf(pid: number): Promise<ReadonlySet<string> | null> {
  const folder = `/proc/${pid}/fd`;
  try {
    const links = await Promise.all((await readdir(folder)).map((fd) => linked(`${folder}/${fd}`)));
    return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  } catch (error) {
    if (isErrno(error, ['EACCES', 'EPERM'])) return null;
    if (isErrno(error, ['ENOENT', 'ESRCH'])) return new Set();
    throw error;
  }
}

/** Empty for a descriptor that was closed meanwhile. */
async function linked(path: string): Promise<string> {
  try {
    return await readlink(path);
  } catch (error) {
    if (isErrno(error, ['ENOENT'])) return '';
    throw error;
  }
}

function isErrno(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
