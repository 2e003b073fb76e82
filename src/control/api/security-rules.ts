import { tlsName } from '../access/tls-names.ts';
import { type ApiError, badRequest } from '../aws/api-error.ts';
import type { AdvertisedHost } from '../endpoints/endpoint.ts';
import {
  clientBrokerOf,
  encryptsInCluster,
  isEncrypted,
  listenersOf,
  usesIam,
  usesMutualTls,
  usesScram,
} from '../state/listeners.ts';
import type { ProvisionedSpec } from '../state/provisioned-spec.ts';

/**
 * MSK's rules for how clients sign in and what is encrypted, for a new cluster and for one that is changed;
 * null when all is right.
 * `isClientCa`: whether the CA with this ARN is known here.
 */
export function wrongSecurity(
  asked: Pick<ProvisionedSpec, 'clientAuthentication' | 'encryptionInfo'>,
  isClientCa: (arn: string) => boolean,
): ApiError | null {
  const { clientAuthentication, encryptionInfo } = asked;
  const sasl = usesScram(asked) ? 'SASL/SCRAM' : usesIam(asked) ? 'IAM access control' : null;
  const signIn = sasl ?? 'Mutual TLS';
  const inCluster = encryptionInfo?.encryptionInTransit?.inCluster;
  // Clusters of an older release may have SCRAM without it, and say nothing of it.
  if ((sasl !== null && inCluster === false) || (usesMutualTls(asked) && !encryptsInCluster(asked)))
    return badRequest(
      `${signIn} needs encryption between brokers: inCluster must be true.`,
      'encryptionInfo.encryptionInTransit.inCluster',
    );
  const clientBroker = clientBrokerOf(asked);
  if ((sasl !== null || usesMutualTls(asked)) && clientBroker === 'PLAINTEXT')
    return badRequest(
      `${signIn} needs TLS as the encryption between clients and brokers, not PLAINTEXT.`,
      'encryptionInfo.encryptionInTransit.clientBroker',
    );
  const isOpen = clientAuthentication?.unauthenticated?.enabled ?? false;
  if (sasl !== null && clientBroker === 'TLS_PLAINTEXT' && !isOpen)
    return badRequest(
      `${sasl} with TLS_PLAINTEXT needs unauthenticated access, which is for who connects in plaintext.`,
      'encryptionInfo.encryptionInTransit.clientBroker',
    );
  return (
    wrongClientCas(asked, isClientCa) ??
    (listenersOf(asked).length === 0
      ? badRequest(
          'Without unauthenticated access, SASL/SCRAM, IAM and mutual TLS nobody could connect.',
          'clientAuthentication.unauthenticated',
        )
      : plaintextForNobody(asked))
  );
}

/** Why the CAs of mutual TLS are not right. */
function wrongClientCas(
  asked: Pick<ProvisionedSpec, 'clientAuthentication' | 'encryptionInfo'>,
  isClientCa: (arn: string) => boolean,
): ApiError | null {
  const field = 'clientAuthentication.tls.certificateAuthorityArnList';
  const arns = asked.clientAuthentication?.tls?.certificateAuthorityArnList ?? [];
  if (usesMutualTls(asked) && arns.length === 0)
    return badRequest('Mutual TLS needs the ARN of a CA that vouches for clients.', field);
  const unknown = arns.find((arn) => !isClientCa(arn));
  return unknown === undefined
    ? null
    : badRequest(
        `There is no certificate authority ${unknown} here: "millrace ca import NAME FILE" makes one of a PEM file, "millrace ca create NAME" a new one, and both print its ARN.`,
        field,
      );
}

/** Encryption that is not needed lets in who does not sign in, and nobody may do so. */
function plaintextForNobody(
  asked: Pick<ProvisionedSpec, 'clientAuthentication' | 'encryptionInfo'>,
): ApiError | null {
  const wanted = clientBrokerOf(asked) === 'TLS_PLAINTEXT';
  return wanted && listenersOf(asked).every(isEncrypted)
    ? badRequest(
        'TLS_PLAINTEXT needs unauthenticated access, which is for who connects in plaintext.',
        'encryptionInfo.encryptionInTransit.clientBroker',
      )
    : null;
}

/** Whether every broker has a name for its certificate under each advertised host; null when it has. */
export function withoutTlsName(
  asked: Pick<ProvisionedSpec, 'clientAuthentication' | 'encryptionInfo'>,
  advertised: readonly AdvertisedHost[],
): ApiError | null {
  const needsName = listenersOf(asked).some(isEncrypted);
  const nameless = advertised.find(({ name }) => tlsName(name, 1) === null);
  return needsName && nameless
    ? badRequest(
        `Clients are told the address ${nameless.name}, and TLS needs a name: start Millrace with one (--advertise), or ask for PLAINTEXT.`,
        'encryptionInfo.encryptionInTransit.clientBroker',
      )
    : null;
}
