import type { ClusterImage } from '../metadata/image.ts';
import type { EncodableMetadataRecord } from '../metadata/records.ts';
import type { Refusal } from '../protocol/refusal.ts';
import { credentialOf, type ScramCredential } from '../security/scram/credential.ts';
import { ITERATIONS_MAX, ITERATIONS_MIN, scramMechanism } from '../security/scram/mechanism.ts';
import type { ControllerDecision } from './decision.ts';

export interface ScramDeletion {
  readonly name: string;
  readonly mechanism: number;
}

export interface ScramUpsertion extends ScramDeletion {
  readonly iterations: number;
  readonly salt: Buffer;
  readonly saltedPassword: Buffer;
}

/** What is kept of a salted password; null where the request is refused for its mechanism. */
export function credentialIn({ mechanism, ...salted }: ScramUpsertion): ScramCredential | null {
  const known = scramMechanism(mechanism);
  return known ? credentialOf(known, salted) : null;
}

const TWICE: Refusal = {
  error: 'DUPLICATE_RESOURCE',
  message: 'A user credential cannot be altered twice in the same request',
};

/**
 * The answer has one entry for each user: null, or why nothing of this user was changed (KIP-554).
 * `credentials`: `credentialIn` of each upsertion, in their order, which takes too long to be done here for
 * ten thousand.
 */
export function alterScramCredentials(
  image: ClusterImage,
  request: { readonly deletions: readonly ScramDeletion[]; readonly upsertions: readonly ScramUpsertion[] },
  credentials: readonly (ScramCredential | null)[],
): ControllerDecision<ReadonlyMap<string, Refusal | null>> {
  const results = new Map<string, Refusal | null>();
  const records = new Map<string, EncodableMetadataRecord>();
  const alter = (name: string, refusal: Refusal | null, record: () => EncodableMetadataRecord) => {
    const result = results.has(name) ? (results.get(name) ?? TWICE) : refusal;
    results.set(name, result);
    if (result === null) records.set(name, record());
    else records.delete(name);
  };
  for (const { name, mechanism } of request.deletions)
    alter(name, refusedDeletion(image, { name, mechanism }), () => ({
      type: 'RemoveUserScramCredentialRecord',
      name,
      mechanism,
    }));
  for (const [i, upsertion] of request.upsertions.entries())
    alter(upsertion.name, refusedUpsertion(upsertion), () =>
      credentialRecord(upsertion, credentials[i] ?? null),
    );
  return { records: [...records.values()], answer: results };
}

function refusedDeletion(image: ClusterImage, { name, mechanism }: ScramDeletion): Refusal | null {
  const refused = refusedUser({ name, mechanism });
  if (refused || image.scram.get(name, mechanism)) return refused;
  return { error: 'RESOURCE_NOT_FOUND', message: 'Attempt to delete a user credential that does not exist' };
}

function refusedUpsertion(upsertion: ScramUpsertion): Refusal | null {
  const refused = refusedUser(upsertion);
  if (refused) return refused;
  if (upsertion.iterations < ITERATIONS_MIN)
    return { error: 'UNACCEPTABLE_CREDENTIAL', message: 'Too few iterations' };
  if (upsertion.iterations > ITERATIONS_MAX)
    return { error: 'UNACCEPTABLE_CREDENTIAL', message: 'Too many iterations' };
  if (upsertion.salt.length === 0 || upsertion.saltedPassword.length === 0)
    return { error: 'UNACCEPTABLE_CREDENTIAL', message: 'Salt and salted password must not be empty' };
  return null;
}

function refusedUser({ name, mechanism }: ScramDeletion): Refusal | null {
  if (name === '') return { error: 'UNACCEPTABLE_CREDENTIAL', message: 'Username must not be empty' };
  if (!scramMechanism(mechanism))
    return { error: 'UNSUPPORTED_SASL_MECHANISM', message: 'Unknown SCRAM mechanism' };
  return null;
}

function credentialRecord(
  { name, mechanism }: ScramUpsertion,
  credential: ScramCredential | null,
): EncodableMetadataRecord {
  if (!credential) throw new Error(`there is no credential for SCRAM mechanism ${mechanism}`);
  return { type: 'UserScramCredentialRecord', name, mechanism, ...credential };
}
