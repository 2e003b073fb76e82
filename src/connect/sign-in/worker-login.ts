import type { ConnectorValues } from '../../control/state/sealed-records.ts';
import { LOGIN, reference } from '../secrets/reference.ts';

/** How the clients of a worker sign in. */
export interface WorkerLogin {
  /** As ACLs name it. */
  readonly principal: string;
  /** Of each of its clients; what of it is secret is a reference to one of the values. */
  readonly properties: Readonly<Record<string, string>>;
  readonly values: ConnectorValues;
}

/** Without signing in. */
export const ANONYMOUS: WorkerLogin = { principal: 'User:ANONYMOUS', properties: {}, values: {} };

/** `version`: of the secret, so that workers are started again with another password. */
export function scramLogin(login: {
  readonly username: string;
  readonly password: string;
  readonly version: string;
}): WorkerLogin {
  const { username, password, version } = login;
  const name = loginValue(version, 'jaas');
  const module = 'org.apache.kafka.common.security.scram.ScramLoginModule';
  return {
    principal: `User:${username}`,
    properties: {
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'SCRAM-SHA-512',
      'sasl.jaas.config': reference(name),
    },
    values: { [name]: `${module} required username=${quoted(username)} password=${quoted(password)};` },
  };
}

/** A certificate with its key, both in PEM. */
export function certificateLogin(identity: {
  readonly principal: string;
  readonly certificate: string;
  readonly key: string;
  readonly version: string;
}): WorkerLogin {
  const { principal, certificate, key, version } = identity;
  const [chain, secret] = [loginValue(version, 'certificate'), loginValue(version, 'key')];
  return {
    principal,
    properties: {
      'security.protocol': 'SSL',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.certificate.chain': reference(chain),
      'ssl.keystore.key': reference(secret),
    },
    values: { [chain]: certificate, [secret]: key },
  };
}

/** The name of a part of a login among a connector's values. */
export function loginValue(version: string, part: 'jaas' | 'certificate' | 'key'): string {
  return `${LOGIN}${version}.${part}`;
}

/** As JAAS reads a text in quotes. */
function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

/** A text as it stands between the quotes of JAAS. */
export function escaped(text: string): string {
  return text.replaceAll(/["\\]/g, '\\$&');
}
