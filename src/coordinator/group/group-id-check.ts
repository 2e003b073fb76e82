import type { ErrorName } from '../../protocol/errors.ts';

/** Why the coordinator takes no request for a group of this name; null when it does. */
export function refusesGroupId(runtime: { readonly stopped: boolean }, groupId: string): ErrorName | null {
  if (runtime.stopped) return 'COORDINATOR_NOT_AVAILABLE';
  return groupId === '' ? 'INVALID_GROUP_ID' : null;
}
