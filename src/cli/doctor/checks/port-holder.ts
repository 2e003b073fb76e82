import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The column of the state in /proc/net/tcp, and what it is for a listener. */
const STATE = { column: 3, listens: '0A' };
const COLUMN = { address: 1, inode: 9 };

/** `process 123 (java -jar app.jar)`: who listens on a port, as far as this user may know; null otherwise. */
export function holderOf(port: number): string | null {
  const sockets = new Set(inodes(port).map((inode) => `socket:[${inode}]`));
  if (sockets.size === 0) return null;
  for (const pid of names('/proc').filter((name) => /^\d+$/.test(name)))
    for (const descriptor of names(`/proc/${pid}/fd`))
      if (sockets.has(linkOf(`/proc/${pid}/fd/${descriptor}`)))
        return `process ${pid} (${text(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim().slice(0, 80)})`;
  return null;
}

function inodes(port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((file) => text(file).split('\n'))
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[STATE.column] === STATE.listens && columns[COLUMN.address]?.endsWith(suffix))
    .map((columns) => columns[COLUMN.inode] ?? '');
}

/** What is gone, or not for this user, is as if it were empty. */
function unless<Value>(read: () => Value, otherwise: Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return otherwise;
    throw error;
  }
}

const names = (folder: string): string[] => unless(() => readdirSync(folder), []);
const text = (file: string): string => unless(() => readFileSync(file, 'utf8'), '');
const linkOf = (path: string): string => unless(() => readlinkSync(path), '');
