import type { Decision } from '../../../base/decision.ts';
import { QueryError } from '../../query/query-error.ts';
import type { SealedRecord } from '../sealed-records.ts';
import type { IamRole, IamUser, Identity, ManagedPolicy } from './identity.ts';

/** What a command on users, roles and policies decided. */
export type IamDecision<Answer> = Decision<SealedRecord, Answer | QueryError>;

/**
 * The users, roles and policies of the account. Commands are functions beside this, one noun a file; records
 * change it.
 */
export class Iam {
  readonly #byArn = new Map<string, Identity>();
  #tokenKey: string | null = null;
  /** All by name; null after a change. */
  #sorted: readonly Identity[] | null = null;

  /** By name. */
  users(): IamUser[] {
    return this.#all().filter((one) => one.kind === 'user');
  }

  /** By name. */
  roles(): IamRole[] {
    return this.#all().filter((one) => one.kind === 'role');
  }

  /** By name. */
  policies(): ManagedPolicy[] {
    return this.#all().filter((one) => one.kind === 'policy');
  }

  user(name: string): IamUser | QueryError {
    return this.users().find((one) => one.name === name) ?? missing(`The user with name ${name}`);
  }

  role(name: string): IamRole | QueryError {
    return this.roles().find((one) => one.name === name) ?? missing(`The role with name ${name}`);
  }

  policy(arn: string): ManagedPolicy | QueryError {
    const policy = this.#byArn.get(arn);
    return policy?.kind === 'policy'
      ? policy
      : missing(`Policy ${arn}`, 'does not exist or is not attachable.');
  }

  byArn(arn: string): Identity | null {
    return this.#byArn.get(arn) ?? null;
  }

  /** The user that an access key belongs to. */
  userOfKey(accessKeyId: string): IamUser | null {
    return this.users().find(({ accessKeys }) => accessKeys.some(({ id }) => id === accessKeyId)) ?? null;
  }

  /** 32 bytes in base64, with which temporary credentials are sealed; null until they are needed. */
  get tokenKey(): string | null {
    return this.#tokenKey;
  }

  replay(record: Extract<SealedRecord, { type: IamRecordType }>): void {
    this.#sorted = null;
    switch (record.type) {
      case 'IdentityRecord':
        this.#byArn.set(record.identity.arn, record.identity);
        return;
      case 'RemoveIdentityRecord':
        this.#byArn.delete(record.arn);
        return;
      case 'IamTokenKeyRecord':
        this.#tokenKey = record.key;
        return;
    }
  }

  #all(): readonly Identity[] {
    this.#sorted ??= [...this.#byArn.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.#sorted;
  }
}

export type IamRecordType = 'IdentityRecord' | 'RemoveIdentityRecord' | 'IamTokenKeyRecord';

/** The identity is as given from now on. */
export function changed<T extends Identity>(identity: T): IamDecision<T> {
  return { records: [{ type: 'IdentityRecord', identity }], answer: identity };
}

export function removed<T extends Identity>(identity: T): IamDecision<T> {
  return { records: [{ type: 'RemoveIdentityRecord', arn: identity.arn }], answer: identity };
}

/** IAM tells names apart without regard to case, whatever their paths. */
export function nameIsTaken(there: readonly Identity[], name: string): boolean {
  const wanted = name.toLowerCase();
  return there.some((one) => one.name.toLowerCase() === wanted);
}

export function missing(what: string, says = 'cannot be found.'): QueryError {
  return new QueryError('NoSuchEntity', `${what} ${says}`);
}
