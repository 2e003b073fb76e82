import { resolve } from 'node:path';
import type { GivenFiles } from '../../control/access/given-certificates.ts';
import type { Given, Option } from '../command.ts';
import { Failure } from '../failure.ts';

/** All name files: what is in the arguments or the environment of a process, others can read. */
export const TLS_FILES_OPTIONS: Readonly<Record<string, Option>> = {
  'tls-cert': {
    value: 'FILE',
    help: "Certificate that brokers show to clients, in PEM, with those up to its root; for all clusters that encrypt. Default: certificates of Millrace's own CA.",
  },
  'tls-key': { value: 'FILE', help: 'Its private key.' },
  'tls-ca': {
    value: 'FILE',
    help: "CA that signs brokers' certificates, in PEM, with those up to its root. Instead of --tls-cert.",
  },
  'tls-ca-key': { value: 'FILE', help: 'Its private key.' },
  'tls-root': {
    value: 'FILE',
    help: 'What clients trust, where the file of --tls-cert or --tls-ca does not end with the root.',
  },
  'tls-passphrase': { value: 'FILE', help: 'Its first line opens an encrypted private key.' },
};

/** Undefined for certificates of Millrace's own CA. Throws Failure. */
export function givenFiles(given: Given): GivenFiles | undefined {
  const file = (name: string): string | undefined => {
    const path = given.maybe(name);
    return path === undefined ? undefined : resolve(path);
  };
  const server = pair(file('tls-cert'), file('tls-key'), '--tls-cert and --tls-key');
  const authority = pair(file('tls-ca'), file('tls-ca-key'), '--tls-ca and --tls-ca-key');
  if (server && authority)
    throw new Failure(
      'Brokers show one certificate: give --tls-cert with --tls-key, or --tls-ca with --tls-ca-key, not both.',
      { exit: 'usage' },
    );
  const [passphrase, root] = [file('tls-passphrase'), file('tls-root')];
  const more = { ...(passphrase ? { passphrase } : {}), ...(root ? { root } : {}) };
  if (server) return { kind: 'server', ...server, ...more };
  if (authority) return { kind: 'authority', ...authority, ...more };
  if (passphrase !== undefined || root !== undefined)
    throw new Failure('--tls-root and --tls-passphrase go with --tls-cert or --tls-ca.', { exit: 'usage' });
  return undefined;
}

function pair(certificate: string | undefined, key: string | undefined, names: string) {
  if (certificate !== undefined && key !== undefined) return { certificate, key };
  if (certificate === undefined && key === undefined) return null;
  throw new Failure(`${names} belong together: give both.`, { exit: 'usage' });
}
