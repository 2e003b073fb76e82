import { execFileSync } from 'node:child_process';

/** The user that Debian made for a server that refuses to run as root; empty if this process is not root. */
export function ownerOf(user: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (of: string) => Number(execFileSync('id', [of, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
