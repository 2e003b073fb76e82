import type { ClusterImage } from './image.ts';
import type { QuotaKey } from './quota-keys.ts';
import type { QuotaEntity, QuotasImage } from './quotas.ts';

/** A quota that is in force for somebody. */
export interface QuotaLimit {
  /** The quota's value: bytes or partitions a second. */
  readonly bound: number;
  /** Everybody with the same owner shares the quota: a user, a client id, or a pair of them. */
  readonly owner: string;
}

/** Of a client that asks. */
export interface QuotaClient {
  /** `alice` of `User:alice`. */
  readonly user: string;
  readonly clientId: string;
}

export function quotaClient(asker: {
  readonly principal: string;
  readonly clientId: string | null;
}): QuotaClient {
  const { principal, clientId } = asker;
  return { user: principal.slice(principal.indexOf(':') + 1), clientId: clientId ?? '' };
}

/** Pairs of users and client ids that are remembered until quotas change. */
const REMEMBERED = 10_000;
/**
 * In characters, of a client id that is remembered. Clients choose theirs, with up to 32,767, and may say
 * another one in each request.
 */
const LONGEST_REMEMBERED = 500;

/** Finds the quota of one kind that is in force for a client, as the newest image has it. */
export class QuotaLimits {
  readonly #key: QuotaKey;
  readonly #image: () => ClusterImage;
  #quotas: QuotasImage | undefined;
  /** Whether anybody has a quota of this kind. */
  #exists = false;
  readonly #known = new Map<string, QuotaLimit | null>();

  constructor(key: QuotaKey, image: () => ClusterImage) {
    this.#key = key;
    this.#image = image;
  }

  /** False costs nothing: no quota of the kind is set for anybody. */
  get exists(): boolean {
    const { quotas } = this.#image();
    if (quotas !== this.#quotas) {
      this.#quotas = quotas;
      this.#known.clear();
      this.#exists = [...quotas.all()].some(({ values }) => values.has(this.#key));
    }
    return this.#exists;
  }

  /** Null when nothing bounds the client. */
  of({ user, clientId }: QuotaClient): QuotaLimit | null {
    if (!this.exists) return null;
    if (clientId.length > LONGEST_REMEMBERED) return this.#find(user, clientId);
    const name = JSON.stringify([user, clientId]);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const limit = this.#find(user, clientId);
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(name, limit);
    return limit;
  }

  /** Kafka's order: the more precise entity is stronger, and a user stronger than a client id. */
  #find(user: string, clientId: string): QuotaLimit | null {
    // What an owner has used is remembered by its name: long client ids with one beginning share a quota.
    const client = clientId.slice(0, LONGEST_REMEMBERED);
    const pair = JSON.stringify([user, client]);
    const candidates: readonly (readonly [QuotaEntity, string])[] = [
      [[ofUser(user), ofClient(clientId)], pair],
      [[ofUser(user), ofClient(null)], pair],
      [[ofUser(user)], JSON.stringify([user, null])],
      [[ofUser(null), ofClient(clientId)], pair],
      [[ofUser(null), ofClient(null)], pair],
      [[ofUser(null)], JSON.stringify([user, null])],
      [[ofClient(clientId)], JSON.stringify([null, client])],
      [[ofClient(null)], JSON.stringify([null, client])],
    ];
    for (const [entity, owner] of candidates) {
      const bound = this.#quotas?.get(entity)?.values.get(this.#key);
      if (bound !== undefined) return { bound, owner };
    }
    return null;
  }
}

function ofUser(entityName: string | null) {
  return { entityType: 'user', entityName };
}

function ofClient(entityName: string | null) {
  return { entityType: 'client-id', entityName };
}
