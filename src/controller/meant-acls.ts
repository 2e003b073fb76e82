import type { Clock } from '../base/clock.ts';
import type { AclImage, AclsImage } from '../metadata/acls.ts';
import { patternTypeCodes } from '../security/acl/acl.ts';
import { type AclFilter, invalidFilter, matchesFilter } from '../security/acl/acl-filter.ts';
import { RECORDS_MAX } from './operation-limits.ts';

/** What a filter means; or why it means nothing, and whether that is because it would be too much. */
export type MeantAcls =
  | { readonly acls: readonly AclImage[] }
  | { readonly error: 'INVALID_REQUEST' | 'POLICY_VIOLATION'; readonly message: string };

/** ACLs that are compared with a filter in one turn of the loop: a few milliseconds. */
const COMPARED_A_TURN = 100_000;
/** For all filters together: an ACL that several filters mean is told by each of them. */
const TOLD_MAX = 10 * RECORDS_MAX;
const TOO_MANY: MeantAcls = {
  error: 'POLICY_VIOLATION',
  message: `Cannot remove more than ${RECORDS_MAX} acls in a single delete operation.`,
};

/**
 * Resolves with what each filter means among these ACLs. Others have their turn meanwhile, since a request
 * may have a hundred thousand filters. As in Apache Kafka no more than 10,000 ACLs go at once: a filter that
 * would make them more means nothing.
 */
export async function meantAcls(
  clock: Pick<Clock, 'soon'>,
  acls: AclsImage,
  filters: readonly AclFilter[],
): Promise<MeantAcls[]> {
  const all = [...acls.all()];
  const byName = new Map<string, AclImage[]>();
  for (const acl of all) {
    const ofName = byName.get(acl.resourceName);
    if (ofName) ofName.push(acl);
    else byName.set(acl.resourceName, [acl]);
  }
  const results: MeantAcls[] = [];
  const ids = new Set<string>();
  let told = 0;
  let compared = 0;
  for (const filter of filters) {
    const message = invalidFilter(filter);
    if (message !== null) {
      results.push({ error: 'INVALID_REQUEST', message });
      continue;
    }
    const candidates = isOfOneName(filter) ? (byName.get(filter.resourceName) ?? []) : all;
    compared += candidates.length;
    if (compared > COMPARED_A_TURN) {
      await new Promise<void>((resolve) => clock.soon(resolve));
      compared = candidates.length;
    }
    const meant = candidates.filter((acl) => matchesFilter(filter, acl));
    const added = meant.filter(({ id }) => !ids.has(id)).length;
    if (ids.size + added > RECORDS_MAX || told + meant.length > TOLD_MAX) {
      results.push(TOO_MANY);
      continue;
    }
    told += meant.length;
    for (const { id } of meant) ids.add(id);
    results.push({ acls: meant });
  }
  return results;
}

/** Only ACLs of the very name can be meant. */
function isOfOneName(filter: AclFilter): filter is AclFilter & { readonly resourceName: string } {
  return filter.resourceName !== null && filter.patternType !== patternTypeCodes.MATCH;
}
