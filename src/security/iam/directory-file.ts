import type { IamAccessKey, IamDirectory, IamPolicy } from './directory.ts';

/** In the folder of each broker where clients sign in by IAM. */
export const DIRECTORY_FILE = 'iam.json';

/**
 * What `iam.json` of a node says: IAM's users and roles, their keys and policies, as JSON. A policy that is
 * the same object of several users and roles is written once.
 */
export interface IamDirectoryFile {
  readonly account: string;
  readonly region: string;
  readonly clusterArn: string;
  /** 32 bytes. */
  readonly tokenKey: Buffer;
  readonly users: readonly IamUserEntry[];
  readonly roles: readonly IamRoleEntry[];
}

interface IamUserEntry {
  /** `AIDA…`: another one where the user was deleted and made again. */
  readonly id: string;
  /** `arn:aws:iam::ACCOUNT:user/NAME`, with a path before the name where the user has one. */
  readonly arn: string;
  readonly accessKeys: readonly Omit<IamAccessKey, 'principalArn'>[];
  /** Inline and attached. */
  readonly policies: readonly IamPolicy[];
}

interface IamRoleEntry {
  /** `AROA…`: another one where the role was deleted and made again. */
  readonly id: string;
  /** `arn:aws:iam::ACCOUNT:role/NAME`, with a path before the name where the role has one. */
  readonly arn: string;
  readonly policies: readonly IamPolicy[];
}

const VERSION = 1;
const TOKEN_KEY_BYTES = 32;
/** As IAM makes them; ids of temporary credentials begin with ASIA, and are in no directory. */
const ACCESS_KEY_ID = /^AKIA[A-Z0-9]{16}$/;
const IDENTITY_ID = { user: /^AIDA[A-Z0-9]{16,17}$/, role: /^AROA[A-Z0-9]{16,17}$/ };
/** IAM's have 40 characters. */
const SECRET = /^[\x21-\x7e]{16,128}$/;
const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2,5}(-[a-z]+)+-\d{1,2}$/;
/** `aws`, or that of China, of a government, of Europe: each region is in one. */
const PARTITION = 'arn:aws(?:-[a-z]+)*';
/** IAM's words for a path and a name. */
const PATH_AND_NAME = '(?:[\\x21-\\x2e\\x30-\\x7e]{1,512}/){0,64}[\\w+=,.@-]{1,64}';

/** The text of the file, which `parseDirectory` reads. It holds secrets. */
export function directoryText(file: IamDirectoryFile): string {
  const { account, region, clusterArn, tokenKey, users, roles } = file;
  // What is attached to thousands of users is there once.
  const places = new Map<IamPolicy, number>();
  const placesOf = (policies: readonly IamPolicy[]): number[] =>
    policies.map((policy) => {
      const place = places.get(policy) ?? places.size;
      places.set(policy, place);
      return place;
    });
  const entries = {
    users: users.map(({ id, arn, accessKeys, policies }) => ({
      id,
      arn,
      accessKeys: accessKeys.map(({ id, secret, active }) => ({ id, secret, active })),
      policies: placesOf(policies),
    })),
    roles: roles.map(({ id, arn, policies }) => ({ id, arn, policies: placesOf(policies) })),
  };
  return `${JSON.stringify({
    version: VERSION,
    ...{ account, region, clusterArn, tokenKey: tokenKey.toString('base64') },
    policies: [...places.keys()].map(({ name, document }) => ({ name, document })),
    ...entries,
  })}\n`;
}

/**
 * The directory that the text of a file describes. Throws an Error that names the wrong field and never its
 * value: a file with anything wrong or unknown in it counts for nothing.
 */
export function parseDirectory(text: string): IamDirectory {
  const file = new Entry(parsedJson(text), 'the file');
  file.only('version', 'account', 'region', 'clusterArn', 'tokenKey', 'policies', 'users', 'roles');
  if (file.of('version') !== VERSION) throw new Error(`version is not ${VERSION}`);
  const account = file.text('account', ACCOUNT);
  const region = file.text('region', REGION);
  const tokenKey = Buffer.from(file.text('tokenKey', /^[A-Za-z0-9+/]{43}=$/), 'base64');
  if (tokenKey.length !== TOKEN_KEY_BYTES) throw new Error(`tokenKey has not ${TOKEN_KEY_BYTES} bytes`);
  const keys = new Map<string, IamAccessKey>();
  const ids = new Map<string, string>();
  const known = file.list('policies').map(policyOf);
  const policies = new Map<string, readonly IamPolicy[]>();
  for (const kind of ['user', 'role'] as const) {
    const arnForm = new RegExp(`^${PARTITION}:iam::${account}:${kind}/${PATH_AND_NAME}$`);
    for (const entry of file.list(`${kind}s`)) {
      const arn = entry.text('arn', arnForm);
      if (policies.has(arn)) throw new Error(`${entry.where}.arn is there twice`);
      ids.set(arn, entry.text('id', IDENTITY_ID[kind]));
      policies.set(arn, entry.chosen('policies', known));
      if (kind === 'role') {
        entry.only('id', 'arn', 'policies');
        continue;
      }
      entry.only('id', 'arn', 'accessKeys', 'policies');
      for (const key of entry.list('accessKeys')) {
        const accessKey = accessKeyOf(key, arn);
        if (keys.has(accessKey.id)) throw new Error(`${key.where}.id is there twice`);
        keys.set(accessKey.id, accessKey);
      }
    }
  }
  return {
    account,
    region,
    clusterArn: file.text(
      'clusterArn',
      new RegExp(`^${PARTITION}:kafka:${region}:${account}:cluster/[A-Za-z0-9-]{1,64}/[A-Za-z0-9-]{1,64}$`),
    ),
    tokenKey,
    accessKey: (id) => keys.get(id) ?? null,
    identityId: (arn) => ids.get(arn) ?? null,
    policies: (arn) => policies.get(arn) ?? [],
  };
}

function accessKeyOf(entry: Entry, principalArn: string): IamAccessKey {
  entry.only('id', 'secret', 'active');
  const active = entry.of('active');
  if (typeof active !== 'boolean') throw new Error(`${entry.where}.active is neither true nor false`);
  return {
    id: entry.text('id', ACCESS_KEY_ID),
    secret: entry.text('secret', SECRET),
    principalArn,
    active,
  };
}

function policyOf(entry: Entry): IamPolicy {
  entry.only('name', 'document');
  return { name: entry.text('name', /^.+$/), document: entry.text('document', /./) };
}

/** What JSON.parse says of a text that is none quotes it, and with it what may be a secret. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('the file is no JSON');
  }
}

/** An object in the file. Errors say where it is. */
class Entry {
  readonly where: string;
  readonly #fields: ReadonlyMap<string, unknown>;

  constructor(value: unknown, where: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error(`${where} is no object`);
    this.where = where;
    this.#fields = new Map(Object.entries(value));
  }

  of(name: string): unknown {
    return this.#fields.get(name);
  }

  text(name: string, form: RegExp): string {
    const value = this.of(name);
    if (typeof value !== 'string' || !form.test(value))
      throw new Error(`${this.#path(name)} is missing or not of its form`);
    return value;
  }

  list(name: string): Entry[] {
    const value = this.of(name);
    if (!Array.isArray(value)) throw new Error(`${this.#path(name)} is no list`);
    return value.map((one: unknown, at) => new Entry(one, `${this.#path(name)}[${at}]`));
  }

  /** Those of `all` whose places, from 0, the field lists. */
  chosen<T>(name: string, all: readonly T[]): T[] {
    const places = this.of(name);
    if (!Array.isArray(places)) throw new Error(`${this.#path(name)} is no list`);
    return places.map((place: unknown, at) => {
      const one = typeof place === 'number' ? all[place] : undefined;
      if (one === undefined) throw new Error(`${this.#path(name)}[${at}] is no place in the list of ${name}`);
      return one;
    });
  }

  only(...names: readonly string[]): void {
    const unknown = [...this.#fields.keys()].find((name) => !names.includes(name));
    if (unknown !== undefined) throw new Error(`${this.where} has a field that is not known`);
  }

  #path(name: string): string {
    return this.where === 'the file' ? name : `${this.where}.${name}`;
  }
}
