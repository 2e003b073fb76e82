/**
 * Of /proc/self/status: what a process may that changes owners of files, its groups and its user
 * (capabilities(7)).
 */
const NEEDED = (1n << 0n) | (1n << 6n) | (1n << 7n);

/**
 * What the kernel says of this process: the texts of /proc/self/status, and of uid_map and gid_map beside it.
 */
export interface ProcessRights {
  readonly status: string;
  readonly users: string;
  readonly groups: string;
}

/**
 * Whether this process may start others as the user and the group of this number. Root in a container may
 * often not.
 */
export function mayChooseUser({ status, users, groups }: ProcessRights, id: number): boolean {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return (effective & NEEDED) === NEEDED && isMapped(users, id) && isMapped(groups, id);
}

/**
 * Whether there is such a number in this process's namespace: a line has the first one here, the first one
 * outside, and how many.
 */
function isMapped(map: string, id: number): boolean {
  return map.split('\n').some((line) => {
    const [first = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
    return id >= first && id < first + count;
  });
}
