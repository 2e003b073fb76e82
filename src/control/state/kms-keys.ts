import { type Decision, refuse } from '../../base/decision.ts';
import { type Fault, fault } from '../json/fault.ts';
import type { KmsKey } from './kms-key.ts';
import type { SealedRecord } from './sealed-records.ts';

/** KMS's own limits. */
const MOST_TAGS = 50;
const MOST_ALIASES = 50;
const MOST_KEYS = 1_000;
const DAY_MS = 86_400_000;

type KeyDecision = Decision<SealedRecord, KmsKey | Fault>;

/** The life of customers' keys: commands decide, records change. */
export class KmsKeys {
  readonly #byArn = new Map<string, KmsKey>();

  all(): KmsKey[] {
    return [...this.#byArn.values()].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  }

  /** `id`: the key's id or ARN, or an alias by its name or ARN. */
  get(id: string): KmsKey | Fault {
    const alias = /(?:^|:)(alias\/.+)$/.exec(id)?.[1];
    if (alias !== undefined)
      return (
        this.all().find(({ aliases }) => aliases.some(({ name }) => name === alias)) ??
        fault('NotFoundException', `Alias ${id} is not found.`)
      );
    return (
      this.#byArn.get(id) ??
      this.all().find((key) => key.id === id) ??
      fault('NotFoundException', `Key '${id}' does not exist`)
    );
  }

  create(key: KmsKey): KeyDecision {
    if (this.#byArn.size >= MOST_KEYS)
      return refuse(fault('LimitExceededException', `There are already ${MOST_KEYS} keys.`));
    return Object.keys(key.tags).length > MOST_TAGS ? refuse(TOO_MANY_TAGS) : changed(key);
  }

  addAlias(name: string, target: string, now: number): KeyDecision {
    if (!name.startsWith('alias/') || name === 'alias/')
      return refuse(
        fault(
          'ValidationException',
          'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
        ),
      );
    if (name.startsWith('alias/aws/'))
      return refuse(
        fault('InvalidAliasNameException', 'Aliases that begin with alias/aws/ are those of AWS.'),
      );
    if (!('fault' in this.get(name)))
      return refuse(fault('AlreadyExistsException', `An alias with the name ${name} already exists`));
    const key = this.#usable(target);
    if ('fault' in key) return refuse(key);
    if (key.aliases.length >= MOST_ALIASES)
      return refuse(fault('LimitExceededException', `A key can have up to ${MOST_ALIASES} aliases.`));
    return changed({ ...key, aliases: [...key.aliases, { name, createdAt: now }] });
  }

  removeAlias(name: string): KeyDecision {
    const key = this.get(name);
    if ('fault' in key) return refuse(key);
    return changed({ ...key, aliases: key.aliases.filter((alias) => alias.name !== name) });
  }

  tag(id: string, added: Readonly<Record<string, string>>): KeyDecision {
    const key = this.#usable(id);
    if ('fault' in key) return refuse(key);
    const tags = { ...key.tags, ...added };
    return Object.keys(tags).length > MOST_TAGS ? refuse(TOO_MANY_TAGS) : changed({ ...key, tags });
  }

  untag(id: string, names: readonly string[]): KeyDecision {
    const key = this.#usable(id);
    if ('fault' in key) return refuse(key);
    const tags = Object.fromEntries(Object.entries(key.tags).filter(([name]) => !names.includes(name)));
    return changed({ ...key, tags });
  }

  delete(id: string, windowDays: number, now: number): KeyDecision {
    const key = this.#usable(id);
    return 'fault' in key ? refuse(key) : changed({ ...key, removedAt: now + windowDays * DAY_MS });
  }

  /** Removes what was to be kept until now. */
  expire(now: number): Decision<SealedRecord, null> {
    const due = this.all().filter(({ removedAt }) => removedAt !== null && removedAt <= now);
    return { records: due.map(({ arn }) => ({ type: 'RemoveKmsKeyRecord', arn })), answer: null };
  }

  replay(record: Extract<SealedRecord, { type: 'KmsKeyRecord' | 'RemoveKmsKeyRecord' }>): void {
    if (record.type === 'KmsKeyRecord') this.#byArn.set(record.key.arn, record.key);
    else this.#byArn.delete(record.arn);
  }

  #usable(id: string): KmsKey | Fault {
    const key = this.get(id);
    if ('fault' in key || key.removedAt === null) return key;
    return fault('KMSInvalidStateException', `${key.arn} is pending deletion.`);
  }
}

const TOO_MANY_TAGS = fault('LimitExceededException', `A key can have up to ${MOST_TAGS} tags.`);

function changed(key: KmsKey): KeyDecision {
  return { records: [{ type: 'KmsKeyRecord', key }], answer: key };
}
