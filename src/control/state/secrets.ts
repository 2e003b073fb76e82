import { type Decision, refuse } from '../../base/decision.ts';
import { type Fault, fault } from '../json/fault.ts';
import type { SealedRecord } from './sealed-records.ts';
import { CURRENT, type Secret, type SecretValue, type SecretVersion, withVersion } from './secret.ts';

/** Secrets Manager's own limits. */
const MOST_TAGS = 50;
const DAY_MS = 86_400_000;
const DEFAULT_WINDOW_DAYS = 30;

type SecretDecision = Decision<SealedRecord, Secret | Fault>;

export interface CreateSecret {
  readonly arn: string;
  readonly name: string;
  readonly description: string | null;
  readonly kmsKeyId: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly value: SecretValue | null;
  readonly versionId: string;
  readonly now: number;
}

export interface NewVersion {
  readonly versionId: string;
  readonly value: SecretValue;
  readonly stages: readonly string[];
}

/** The life of secrets: commands decide, records change. */
export class Secrets {
  readonly #byArn = new Map<string, Secret>();

  all(): Secret[] {
    return [...this.#byArn.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** `id`: the name, the ARN, or the ARN without the six characters at its end. */
  get(id: string): Secret | Fault {
    return (
      this.#byArn.get(id) ??
      this.all().find(({ arn, name }) => name === id || arn.slice(0, -7) === id) ??
      fault('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
    );
  }

  /** One that is not to be removed: only such a secret can be read and changed. */
  live(id: string): Secret | Fault {
    const secret = this.get(id);
    if ('fault' in secret || secret.removedAt === null) return secret;
    return fault(
      'InvalidRequestException',
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
  }

  create(command: CreateSecret): SecretDecision {
    const { value, versionId, now, ...own } = command;
    const there = this.all().find(({ name }) => name === own.name);
    if (there) return this.#createdAlready(there, command);
    if (Object.keys(own.tags).length > MOST_TAGS) return refuse(TOO_MANY_TAGS);
    const version: SecretVersion[] = value
      ? [{ id: versionId, value, createdAt: now, stages: [CURRENT] }]
      : [];
    const secret: Secret = {
      ...own,
      createdAt: now,
      changedAt: now,
      removedAt: null,
      deletedAt: null,
      policy: null,
      versions: version,
    };
    return changed(secret);
  }

  /** The same version again is answered as the first time: a caller that lost the answer asks again. */
  putValue(id: string, { versionId, value, stages }: NewVersion, now: number): SecretDecision {
    const secret = this.live(id);
    if ('fault' in secret) return refuse(secret);
    const there = secret.versions.find((version) => version.id === versionId);
    if (there)
      return sameValue(there.value, value)
        ? { records: [], answer: secret }
        : refuse(
            fault('ResourceExistsException', `A version with the id ${versionId} exists with another value.`),
          );
    return changed(withVersion(secret, { id: versionId, value, createdAt: now, stages }));
  }

  update(
    id: string,
    change: {
      readonly description: string | undefined;
      readonly kmsKeyId: string | null | undefined;
      readonly version: NewVersion | null;
    },
    now: number,
  ): SecretDecision {
    const secret = this.live(id);
    if ('fault' in secret) return refuse(secret);
    const described: Secret = {
      ...secret,
      description: change.description ?? secret.description,
      kmsKeyId: change.kmsKeyId === undefined ? secret.kmsKeyId : change.kmsKeyId,
      changedAt: now,
    };
    if (!change.version) return changed(described);
    const put = this.putValue(id, change.version, now);
    if ('fault' in put.answer) return put;
    const { versions } = put.answer;
    return changed({ ...described, versions });
  }

  /** Null as the number of days removes it at once and for good. */
  delete(id: string, windowDays: number | null | undefined, now: number): SecretDecision {
    const secret = this.get(id);
    if ('fault' in secret) return refuse(secret);
    if (windowDays === null)
      return {
        records: [{ type: 'RemoveSecretRecord', arn: secret.arn }],
        answer: { ...secret, deletedAt: now, removedAt: now },
      };
    if (secret.removedAt !== null)
      return refuse(
        fault(
          'InvalidRequestException',
          "You can't perform this operation on the secret because it was already scheduled for deletion.",
        ),
      );
    const removedAt = now + (windowDays ?? DEFAULT_WINDOW_DAYS) * DAY_MS;
    return changed({ ...secret, deletedAt: now, removedAt });
  }

  /** One that is not to be removed stays as it is. */
  restore(id: string): SecretDecision {
    const secret = this.get(id);
    if ('fault' in secret) return refuse(secret);
    if (secret.removedAt === null) return { records: [], answer: secret };
    return changed({ ...secret, deletedAt: null, removedAt: null });
  }

  tag(id: string, added: Readonly<Record<string, string>>): SecretDecision {
    const secret = this.live(id);
    if ('fault' in secret) return refuse(secret);
    const tags = { ...secret.tags, ...added };
    return Object.keys(tags).length > MOST_TAGS ? refuse(TOO_MANY_TAGS) : changed({ ...secret, tags });
  }

  untag(id: string, keys: readonly string[]): SecretDecision {
    const secret = this.live(id);
    if ('fault' in secret) return refuse(secret);
    const tags = Object.fromEntries(Object.entries(secret.tags).filter(([key]) => !keys.includes(key)));
    return changed({ ...secret, tags });
  }

  setPolicy(id: string, policy: string | null): SecretDecision {
    const secret = this.live(id);
    return 'fault' in secret ? refuse(secret) : changed({ ...secret, policy });
  }

  /** Removes what was to be kept until now. */
  expire(now: number): Decision<SealedRecord, null> {
    const due = this.all().filter(({ removedAt }) => removedAt !== null && removedAt <= now);
    return { records: due.map(({ arn }) => ({ type: 'RemoveSecretRecord', arn })), answer: null };
  }

  replay(record: Extract<SealedRecord, { type: 'SecretRecord' | 'RemoveSecretRecord' }>): void {
    if (record.type === 'SecretRecord') this.#byArn.set(record.secret.arn, record.secret);
    else this.#byArn.delete(record.arn);
  }

  #createdAlready(there: Secret, command: CreateSecret): SecretDecision {
    if (there.removedAt !== null)
      return refuse(
        fault(
          'InvalidRequestException',
          "You can't create this secret because a secret with this name is already scheduled for deletion.",
        ),
      );
    const same = there.versions.find(({ id }) => id === command.versionId);
    return same && command.value && sameValue(same.value, command.value)
      ? { records: [], answer: there }
      : refuse(
          fault(
            'ResourceExistsException',
            `The operation failed because the secret ${command.name} already exists.`,
          ),
        );
  }
}

const TOO_MANY_TAGS = fault('InvalidParameterException', `A secret can have up to ${MOST_TAGS} tags.`);

function sameValue(one: SecretValue, other: SecretValue): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function changed(secret: Secret): SecretDecision {
  return { records: [{ type: 'SecretRecord', secret }], answer: secret };
}
