import type { SecurityProtocol } from '../../security/protocol.ts';
import { PORT_OFFSET } from './ports.ts';
import type { ProvisionedSpec } from './provisioned-spec.ts';

/** A listener for clients, as MSK has them. */
interface ClientListener {
  /** What Kafka calls it in a broker's configuration. */
  readonly name: string;
  readonly security: SecurityProtocol;
  /** Which of the broker's ten ports it has. */
  readonly offset: number;
  /** The member of GetBootstrapBrokers' answer that names it. */
  readonly bootstrap: string;
}

export const CLIENT_LISTENERS = {
  plaintext: {
    name: 'CLIENT',
    security: 'PLAINTEXT',
    offset: PORT_OFFSET.plaintext,
    bootstrap: 'bootstrapBrokerString',
  },
  tls: {
    name: 'CLIENT_SECURE',
    security: 'SSL',
    offset: PORT_OFFSET.tls,
    bootstrap: 'bootstrapBrokerStringTls',
  },
  scram: {
    name: 'CLIENT_SASL_SCRAM',
    security: 'SASL_SSL',
    offset: PORT_OFFSET.scram,
    bootstrap: 'bootstrapBrokerStringSaslScram',
  },
} as const satisfies Readonly<Record<string, ClientListener>>;

export type ListenerKind = keyof typeof CLIENT_LISTENERS;

type Security = Pick<ProvisionedSpec, 'clientAuthentication' | 'encryptionInfo'>;

/** Whether what clients and brokers say is encrypted. SCRAM is for encrypted connections alone. */
export function clientBrokerOf(spec: Security): 'TLS' | 'TLS_PLAINTEXT' | 'PLAINTEXT' {
  return spec.encryptionInfo?.encryptionInTransit?.clientBroker ?? (usesScram(spec) ? 'TLS' : 'PLAINTEXT');
}

/** Nobody has to sign in where no way to sign in was chosen. */
function isUnauthenticated(spec: Security): boolean {
  return spec.clientAuthentication?.unauthenticated?.enabled ?? !usesScram(spec);
}

/** Whether brokers and controller encrypt what they say to each other; it never changes. */
export function encryptsInCluster({ encryptionInfo }: Pick<ProvisionedSpec, 'encryptionInfo'>): boolean {
  return encryptionInfo?.encryptionInTransit?.inCluster ?? false;
}

export function usesScram({ clientAuthentication }: Security): boolean {
  return clientAuthentication?.sasl?.scram?.enabled ?? false;
}

/** The listeners that a cluster is to have. */
export function listenersOf(spec: Security): ListenerKind[] {
  const clientBroker = clientBrokerOf(spec);
  const isOpen = isUnauthenticated(spec);
  const kinds: ListenerKind[] = [];
  if (isOpen && clientBroker !== 'TLS') kinds.push('plaintext');
  if (isOpen && clientBroker !== 'PLAINTEXT') kinds.push('tls');
  if (usesScram(spec)) kinds.push('scram');
  return kinds;
}

export function isEncrypted(kind: ListenerKind): boolean {
  return kind !== 'plaintext';
}

/** By which mechanism clients sign in: as on MSK by the strongest alone, which is the one that secrets give users. */
export function signInOf(kind: ListenerKind): { readonly mechanisms?: readonly string[] } {
  return kind === 'scram' ? { mechanisms: ['SCRAM-SHA-512'] } : {};
}
