import type { ScramAssociation, ScramUser } from '../state/scram-association.ts';
import { CURRENT, loginIn, versionAt } from '../state/secret.ts';
import type { Secrets } from '../state/secrets.ts';

/** What a user signs in with, and which value of which secret says so. */
export interface SecretLogin extends ScramUser {
  readonly value: string;
  readonly secret: string;
  readonly password: string;
}

/**
 * Who may sign in to a cluster, as its secrets say now. Of two secrets with the same user the one that was
 * associated first counts. A secret that cannot be read, because it was deleted or holds no login any more,
 * lets nobody in.
 */
export function scramLogins(
  secrets: Secrets,
  associated: readonly string[],
): ReadonlyMap<string, SecretLogin> {
  const logins = new Map<string, SecretLogin>();
  for (const arn of associated) {
    const secret = secrets.live(arn);
    const version = 'fault' in secret ? null : versionAt(secret, CURRENT);
    const login = version && loginIn(version);
    if (!login || logins.has(login.username)) continue;
    const { username: name, password } = login;
    logins.set(name, { name, password, secret: arn, value: `${arn} ${version.id}` });
  }
  return logins;
}

/** What brokers have to be told: users with their passwords, and names of users that are none any more. */
export interface ScramChange {
  readonly give: readonly SecretLogin[];
  readonly take: readonly string[];
}

/**
 * The next part of what the brokers do not know yet, at most so many users; null when they know everything.
 */
export function scramChange(
  secrets: Secrets,
  { secrets: associated, users }: ScramAssociation,
  most: number,
): ScramChange | null {
  const logins = scramLogins(secrets, associated);
  const known = new Map(users.map(({ name, value }) => [name, value]));
  const take = [...known.keys()].filter((name) => !logins.has(name)).slice(0, most);
  const give = [...logins.values()]
    .filter(({ name, value }) => known.get(name) !== value)
    .slice(0, most - take.length);
  return give.length + take.length === 0 ? null : { give, take };
}
