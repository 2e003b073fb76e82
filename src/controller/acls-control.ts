import type { Uuid } from '../base/brand.ts';
import { type Random, randomUuid } from '../base/random.ts';
import type { AclImage } from '../metadata/acls.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { EncodableMetadataRecord } from '../metadata/records.ts';
import type { Refusal } from '../protocol/refusal.ts';
import { type Acl, aclKey } from '../security/acl/acl.ts';
import { invalidAcl } from '../security/acl/new-acl.ts';
import type { ControllerDecision } from './decision.ts';
import { RECORDS_MAX, TOO_MANY } from './operation-limits.ts';

/**
 * The answer has one entry for each ACL: why it cannot be, or null. One that is there already is not made
 * again. More than one request may make are refused, all of them.
 */
export function createAcls(
  image: ClusterImage,
  acls: readonly Acl[],
  random: Random,
): ControllerDecision<(string | null)[] | Refusal> {
  const known = keysOfNames(image, new Set(acls.map(({ resourceName }) => resourceName)));
  const records: EncodableMetadataRecord[] = [];
  const problems: (string | null)[] = [];
  for (const acl of acls) {
    const problem = invalidAcl(acl);
    problems.push(problem);
    const key = aclKey(acl);
    if (problem !== null || known.has(key)) continue;
    if (records.length >= RECORDS_MAX) return { records: [], answer: TOO_MANY };
    known.add(key);
    records.push({ type: 'AccessControlEntryRecord', id: unusedId(image, random), ...acl });
  }
  return { records, answer: problems };
}

/** The keys of the ACLs that are there for these names: those of all would take long where there are many. */
function keysOfNames(image: ClusterImage, names: ReadonlySet<string>): Set<string> {
  const keys = new Set<string>();
  for (const acl of image.acls.all()) if (names.has(acl.resourceName)) keys.add(aclKey(acl));
  return keys;
}

/** These go, as far as they are still there. */
export function deleteAcls(image: ClusterImage, acls: Iterable<AclImage>): ControllerDecision<void> {
  const gone = new Set<Uuid>();
  for (const { id } of acls) if (image.acls.byId(id)) gone.add(id);
  return {
    records: [...gone].map((id) => ({ type: 'RemoveAccessControlEntryRecord' as const, id })),
    answer: undefined,
  };
}

function unusedId(image: ClusterImage, random: Random): Uuid {
  for (;;) {
    const id = randomUuid(random);
    if (!image.acls.byId(id)) return id;
  }
}
