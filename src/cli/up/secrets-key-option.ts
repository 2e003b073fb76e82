import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { KeySource } from '../../control/sealed/secrets-key.ts';
import type { Given, Option } from '../command.ts';
import { Failure } from '../failure.ts';

/** Both name files: what is in the arguments or the environment of a process, others can read. */
export const SECRETS_OPTIONS: Readonly<Record<string, Option>> = {
  'secrets-key': {
    value: 'FILE',
    help: 'Key that seals secrets, 32 bytes in base64. Default: secrets.key in the data folder, made when it is missing.',
  },
  'secrets-passphrase': { value: 'FILE', help: 'Seal secrets with the passphrase in this file instead.' },
};

/** As `LoadCredential=millrace-secrets-key:…` of systemd names it. */
const CREDENTIAL = 'millrace-secrets-key';

/**
 * Undefined: the key file of the data folder. `credentials`: the folder in which systemd puts credentials.
 * Throws Failure.
 */
export function secretsKeySource(given: Given, credentials: string | undefined): KeySource | undefined {
  const key = given.maybe('secrets-key');
  const passphrase = given.maybe('secrets-passphrase');
  if (key !== undefined && passphrase !== undefined)
    throw new Failure('Secrets have one key: give --secrets-key or --secrets-passphrase, not both.', {
      exit: 'usage',
    });
  if (key !== undefined) return { kind: 'file', path: resolve(key) };
  if (passphrase !== undefined) return { kind: 'passphrase', path: resolve(passphrase) };
  const credential = credentials === undefined ? undefined : join(credentials, CREDENTIAL);
  return credential !== undefined && existsSync(credential)
    ? { kind: 'credential', path: credential }
    : undefined;
}
