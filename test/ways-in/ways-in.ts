import type { UpdateSecurityCommandInput } from '@aws-sdk/client-kafka';
import type { ListenerKind } from '../../src/control/state/listeners.ts';

/** How clients may come into a cluster, in every combination that MSK allows. */

/** What a client connects by; one by `certificate` shows it where it is asked for one. */
export type Way = 'plaintext' | 'tls' | 'certificate' | 'scram';

export interface SecurityState {
  readonly name: string;
  readonly clientBroker: 'TLS' | 'TLS_PLAINTEXT' | 'PLAINTEXT';
  readonly scram?: true;
  readonly certificates?: true;
  /** Said or not: where nobody signs in, access is unauthenticated without a word. */
  readonly unauthenticated?: boolean;
  readonly listeners: readonly ListenerKind[];
}

/**
 * The developer guide's table: unauthenticated access with each encryption, client certificates without
 * PLAINTEXT, several beside each other; TLS_PLAINTEXT with client certificates is plaintext for who does not
 * sign in. The API reference adds SCRAM with TLS_PLAINTEXT, where unauthenticated access is asked for. IAM is
 * not built.
 */
export const STATES: readonly SecurityState[] = [
  { name: 'plaintext', clientBroker: 'PLAINTEXT', listeners: ['plaintext'] },
  { name: 'plaintext and TLS', clientBroker: 'TLS_PLAINTEXT', listeners: ['plaintext', 'tls'] },
  { name: 'TLS', clientBroker: 'TLS', listeners: ['tls'] },
  { name: 'certificates', clientBroker: 'TLS', certificates: true, listeners: ['mutualTls'] },
  {
    name: 'certificates, or none',
    clientBroker: 'TLS',
    certificates: true,
    unauthenticated: true,
    listeners: ['optionalMutualTls'],
  },
  {
    name: 'certificates beside plaintext',
    clientBroker: 'TLS_PLAINTEXT',
    certificates: true,
    listeners: ['plaintext', 'mutualTls'],
  },
  {
    name: 'certificates, or none, beside plaintext',
    clientBroker: 'TLS_PLAINTEXT',
    certificates: true,
    unauthenticated: true,
    listeners: ['plaintext', 'optionalMutualTls'],
  },
  { name: 'SCRAM', clientBroker: 'TLS', scram: true, listeners: ['scram'] },
  {
    name: 'SCRAM beside TLS',
    clientBroker: 'TLS',
    scram: true,
    unauthenticated: true,
    listeners: ['tls', 'scram'],
  },
  {
    name: 'SCRAM beside TLS and plaintext',
    clientBroker: 'TLS_PLAINTEXT',
    scram: true,
    unauthenticated: true,
    listeners: ['plaintext', 'tls', 'scram'],
  },
  {
    name: 'SCRAM and certificates',
    clientBroker: 'TLS',
    scram: true,
    certificates: true,
    listeners: ['mutualTls', 'scram'],
  },
  {
    name: 'SCRAM and certificates, or none',
    clientBroker: 'TLS',
    scram: true,
    certificates: true,
    unauthenticated: true,
    listeners: ['optionalMutualTls', 'scram'],
  },
  {
    name: 'SCRAM and certificates, or none, beside plaintext',
    clientBroker: 'TLS_PLAINTEXT',
    scram: true,
    certificates: true,
    unauthenticated: true,
    listeners: ['plaintext', 'optionalMutualTls', 'scram'],
  },
];

const WAYS: Readonly<Record<ListenerKind, readonly Way[]>> = {
  plaintext: ['plaintext'],
  // Where nobody asks for a certificate, who has one comes in as well.
  tls: ['tls', 'certificate'],
  mutualTls: ['certificate'],
  optionalMutualTls: ['tls', 'certificate'],
  scram: ['scram'],
  // Its clients need AWS's signers.
  iam: [],
};

/** The ways that are open in a state. */
export function waysOf({ listeners }: SecurityState): Way[] {
  return listeners.flatMap((kind) => WAYS[kind]);
}

type Security = Pick<UpdateSecurityCommandInput, 'ClientAuthentication' | 'EncryptionInfo'>;

/** What is asked of the API for a state. `clientCa`: ARN of the CA whose certificates sign in. */
export function securityOf(state: SecurityState, clientCa: string): Security {
  const { clientBroker, scram = false, certificates = false, unauthenticated } = state;
  return {
    ClientAuthentication: {
      Sasl: { Scram: { Enabled: scram } },
      Tls: { Enabled: certificates, ...(certificates ? { CertificateAuthorityArnList: [clientCa] } : {}) },
      ...(unauthenticated === undefined ? {} : { Unauthenticated: { Enabled: unauthenticated } }),
    },
    EncryptionInfo: { EncryptionInTransit: { ClientBroker: clientBroker } },
  };
}

/** Begins and ends with the first, and has each change from one to another exactly once. */
export function everyChange<T>(all: readonly T[]): T[] {
  const walk = all.slice(0, 1);
  for (const [index, from] of all.entries()) {
    for (const to of all.slice(index + 2)) walk.push(to, from);
    walk.push(...all.slice(index + 1, index + 2));
  }
  return [...walk, ...all.slice(0, -1).reverse()];
}
