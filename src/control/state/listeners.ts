import type { ClientAuth } from '../../base/tls.ts';
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

const CLIENT_SECURE = {
  name: 'CLIENT_SECURE',
  security: 'SSL',
  offset: PORT_OFFSET.tls,
  bootstrap: 'bootstrapBrokerStringTls',
} as const;

export const CLIENT_LISTENERS = {
  plaintext: {
    name: 'CLIENT',
    security: 'PLAINTEXT',
    offset: PORT_OFFSET.plaintext,
    bootstrap: 'bootstrapBrokerString',
  },
  tls: CLIENT_SECURE,
  /** The same listener, where clients show a certificate. */
  mutualTls: CLIENT_SECURE,
  /** And where those without one are let in, too. */
  optionalMutualTls: CLIENT_SECURE,
  scram: {
    name: 'CLIENT_SASL_SCRAM',
    security: 'SASL_SSL',
    offset: PORT_OFFSET.scram,
    bootstrap: 'bootstrapBrokerStringSaslScram',
  },
  iam: {
    name: 'CLIENT_IAM',
    security: 'SASL_SSL',
    offset: PORT_OFFSET.iam,
    bootstrap: 'bootstrapBrokerStringSaslIam',
  },
} as const satisfies Readonly<Record<string, ClientListener>>;

export type ListenerKind = keyof typeof CLIENT_LISTENERS;

type Security = Pick<ProvisionedSpec, 'clientAuthentication' | 'encryptionInfo'>;

/** Whether what clients and brokers say is encrypted. SASL is for encrypted connections alone. */
export function clientBrokerOf(spec: Security): 'TLS' | 'TLS_PLAINTEXT' | 'PLAINTEXT' {
  return spec.encryptionInfo?.encryptionInTransit?.clientBroker ?? (usesSasl(spec) ? 'TLS' : 'PLAINTEXT');
}

/** Nobody has to sign in where no way to sign in was chosen. */
function isUnauthenticated(spec: Security): boolean {
  return spec.clientAuthentication?.unauthenticated?.enabled ?? !(usesSasl(spec) || usesMutualTls(spec));
}

/**
 * On MSK, TLS_PLAINTEXT with client certificates is two listeners: one for these, and one in plaintext where
 * nobody signs in.
 */
function isOpenInPlaintext(spec: Security): boolean {
  return (
    isUnauthenticated(spec) ||
    (usesMutualTls(spec) && spec.clientAuthentication?.unauthenticated?.enabled === undefined)
  );
}

/** Whether brokers and controller encrypt what they say to each other; it never changes. */
export function encryptsInCluster({ encryptionInfo }: Pick<ProvisionedSpec, 'encryptionInfo'>): boolean {
  return encryptionInfo?.encryptionInTransit?.inCluster ?? false;
}

export function usesScram({ clientAuthentication }: Security): boolean {
  return clientAuthentication?.sasl?.scram?.enabled ?? false;
}

export function usesIam({ clientAuthentication }: Security): boolean {
  return clientAuthentication?.sasl?.iam?.enabled ?? false;
}

function usesSasl(spec: Security): boolean {
  return usesScram(spec) || usesIam(spec);
}

/** Whether clients sign in by certificates. */
export function usesMutualTls({ clientAuthentication }: Security): boolean {
  return clientAuthentication?.tls?.enabled ?? false;
}

/** The ARNs of the CAs whose certificates sign clients in. */
export function clientCasOf(spec: Security): readonly string[] {
  const { certificateAuthorityArnList = [] } = spec.clientAuthentication?.tls ?? {};
  return usesMutualTls(spec) ? [...new Set(certificateAuthorityArnList)].sort() : [];
}

/** The listeners that a cluster is to have. */
export function listenersOf(spec: Security): ListenerKind[] {
  const clientBroker = clientBrokerOf(spec);
  const isOpen = isUnauthenticated(spec);
  const kinds: ListenerKind[] = [];
  if (clientBroker !== 'TLS' && isOpenInPlaintext(spec)) kinds.push('plaintext');
  if (clientBroker !== 'PLAINTEXT') {
    if (usesMutualTls(spec)) kinds.push(isOpen ? 'optionalMutualTls' : 'mutualTls');
    else if (isOpen) kinds.push('tls');
  }
  if (usesScram(spec)) kinds.push('scram');
  if (usesIam(spec)) kinds.push('iam');
  return kinds;
}

export function isEncrypted(kind: ListenerKind): boolean {
  return kind !== 'plaintext';
}

/** Whether everybody has to say who it is. */
export function signsIn(kind: ListenerKind): boolean {
  return SIGNS_IN[kind];
}

const SIGNS_IN: Readonly<Record<ListenerKind, boolean>> = {
  plaintext: false,
  tls: false,
  mutualTls: true,
  optionalMutualTls: false,
  scram: true,
  iam: true,
};

/** Whether clients show a certificate. */
export function clientAuthOf(kind: ListenerKind): ClientAuth {
  if (kind === 'mutualTls') return 'required';
  return kind === 'optionalMutualTls' ? 'optional' : 'none';
}

/**
 * By which mechanisms clients sign in: by SCRAM as on MSK with the strongest alone, which is the one that
 * secrets give users; by IAM with AWS's own, or with a token that says the same.
 */
export function signInOf(kind: ListenerKind): { readonly mechanisms?: readonly string[] } {
  if (kind === 'scram') return { mechanisms: ['SCRAM-SHA-512'] };
  return kind === 'iam' ? { mechanisms: ['AWS_MSK_IAM', 'OAUTHBEARER'] } : {};
}
