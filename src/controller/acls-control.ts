import type { Uuid } from '../base/brand.ts';
import { type Random, randomUuid } from '../base/random.ts';
import type { AclImage } from '../metadata/acls.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { EncodableMetadataRecord } from '../metadata/records.ts';
import { type Acl, aclKey } from '../security/acl/acl.ts';
import { type AclFilter, invalidFilter, matchesFilter } from '../security/acl/acl-filter.ts';
import { invalidAcl } from '../security/acl/new-acl.ts';
import type { ControllerDecision } from './decision.ts';

/**
 * The answer has one entry for each ACL: why it cannot be, or null. One that is there already is not made
 * again.
 */
export function createAcls(
  image: ClusterImage,
  acls: readonly Acl[],
  random: Random,
): ControllerDecision<(string | null)[]> {
  const known = new Set([...image.acls.all()].map(aclKey));
  const records: EncodableMetadataRecord[] = [];
  const problems = acls.map((acl) => {
    const problem = invalidAcl(acl);
    if (problem !== null || known.has(aclKey(acl))) return problem;
    known.add(aclKey(acl));
    records.push({ type: 'AccessControlEntryRecord', id: unusedId(image, random), ...acl });
    return null;
  });
  return { records, answer: problems };
}

/** What a filter deleted, or why it means nothing. */
export type DeletedAcls = { readonly deleted: readonly AclImage[] } | { readonly message: string };

/** The answer has one entry for each filter; what two filters mean is deleted once and told by both. */
export function deleteAcls(
  image: ClusterImage,
  filters: readonly AclFilter[],
): ControllerDecision<DeletedAcls[]> {
  const gone = new Set<Uuid>();
  const results = filters.map((filter): DeletedAcls => {
    const message = invalidFilter(filter);
    if (message !== null) return { message };
    const deleted = [...image.acls.all()].filter((acl) => matchesFilter(filter, acl));
    for (const { id } of deleted) gone.add(id);
    return { deleted };
  });
  return {
    records: [...gone].map((id) => ({ type: 'RemoveAccessControlEntryRecord' as const, id })),
    answer: results,
  };
}

function unusedId(image: ClusterImage, random: Random): Uuid {
  for (;;) {
    const id = randomUuid(random);
    if (!image.acls.byId(id)) return id;
  }
}
