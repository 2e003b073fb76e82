import { randomUUID, X509Certificate } from 'node:crypto';
import type { World } from '../../base/world.ts';
import { isApiError } from '../../control/aws/api-error.ts';
import type { Control } from '../../control/control.ts';
import type { Cluster } from '../../control/state/cluster.ts';
import { clientCasOf } from '../../control/state/listeners.ts';
import { CURRENT, loginIn, versionAt } from '../../control/state/secret.ts';
import { validUntil } from '../../security/certificates/read-certificate.ts';
import type { SealedValues } from '../secrets/sealed-values.ts';
import type { Connector } from '../state/connector.ts';
import {
  ANONYMOUS,
  certificateLogin,
  escaped,
  loginValue,
  scramLogin,
  type WorkerLogin,
} from './worker-login.ts';

/** A certificate is exchanged when so little of its year is left. */
const LEFT_MS = 30 * 86_400_000;
const CERTIFICATE = /^sign-in\.([^.]+)\.certificate$/;

/**
 * The passwords by which workers sign in, those of all versions of the secret: what workers said before it
 * was changed is read afterwards, too.
 */
export function passwordsOf(
  { secrets }: Pick<Control['sealed'], 'secrets'>,
  { signIn }: Pick<Connector, 'signIn'>,
): string[] {
  if (signIn?.type !== 'SCRAM') return [];
  const secret = secrets.get(signIn.secretArn);
  if ('fault' in secret) return [];
  const passwords = secret.versions.flatMap((version) => loginIn(version)?.password ?? []);
  // As they are, and as JAAS has them.
  return [...new Set(passwords.flatMap((password) => [password, escaped(password)]))];
}

/** With what the workers of connectors sign in to their clusters. */
export class WorkerLogins {
  readonly #world: Pick<World, 'clock'>;
  readonly #control: Pick<Control, 'sealed' | 'clientAuthorities'>;
  readonly #values: SealedValues;

  constructor(
    world: Pick<World, 'clock'>,
    control: Pick<Control, 'sealed' | 'clientAuthorities'>,
    values: SealedValues,
  ) {
    this.#world = world;
    this.#control = control;
    this.#values = values;
  }

  /** `cluster`: null where it is none of ours. Throws an Error that says why they cannot sign in now. */
  of(connector: Pick<Connector, 'name' | 'uuid' | 'signIn'>, cluster: Cluster | null): WorkerLogin {
    const { signIn } = connector;
    if (signIn === undefined || signIn.type === 'NONE') return ANONYMOUS;
    if (signIn.type === 'SCRAM') return this.#byPassword(signIn.secretArn);
    return this.#byCertificate(connector, cluster);
  }

  #byPassword(secretArn: string): WorkerLogin {
    const secret = this.#control.sealed.secrets.live(secretArn);
    if ('fault' in secret) throw new Error(`Workers cannot sign in: ${secret.message}`);
    const version = versionAt(secret, CURRENT);
    const login = version && loginIn(version);
    if (!login)
      throw new Error(
        `Workers cannot sign in: the secret ${secret.name} must be {"username":"…","password":"…"}.`,
      );
    return scramLogin({ ...login, version: version.id });
  }

  /** Made once, and again before it ends; it is sealed beside the connector's passwords. */
  #byCertificate({ name, uuid }: Pick<Connector, 'name' | 'uuid'>, cluster: Cluster | null): WorkerLogin {
    const commonName = `connect-${name}`;
    const principal = `User:CN=${commonName}`;
    const values = this.#values.of(uuid);
    const version = Object.keys(values).flatMap((one) => CERTIFICATE.exec(one)?.[1] ?? [])[0] ?? '';
    const certificate = values[loginValue(version, 'certificate')];
    const key = values[loginValue(version, 'key')];
    if (
      certificate &&
      key &&
      validUntil(new X509Certificate(certificate).raw) - this.#world.clock.now() > LEFT_MS
    )
      return certificateLogin({ principal, certificate, key, version });
    const authorities = cluster ? clientCasOf(cluster.spec) : [];
    const authority = this.#control.clientAuthorities
      .all()
      .find((ca) => authorities.includes(ca.arn) && ca.key !== null);
    const issued = authority && this.#control.clientAuthorities.issue(authority, commonName);
    if (!issued || isApiError(issued))
      throw new Error(
        'Workers cannot sign in by TLS: the cluster must be one of this Millrace, with a client CA whose key is here ("millrace ca create").',
      );
    const fresh = certificateLogin({ principal, ...issued, version: randomUUID() });
    this.#values.setLogin(uuid, fresh.values);
    return fresh;
  }
}
