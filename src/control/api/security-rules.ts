import { type ApiError, badRequest } from '../aws/api-error.ts';
import { clientBrokerOf, listenersOf, usesScram } from '../state/listeners.ts';
import type { ProvisionedSpec } from '../state/provisioned-spec.ts';
import { notBuilt } from './not-built.ts';

/** MSK's rules for how clients sign in and what is encrypted, for a new cluster and for one that is changed; null when all is right. */
export function wrongSecurity(
  asked: Pick<ProvisionedSpec, 'clientAuthentication' | 'encryptionInfo'>,
): ApiError | null {
  const { clientAuthentication, encryptionInfo } = asked;
  if (clientAuthentication?.sasl?.iam?.enabled)
    return notBuilt('IAM access control', 'clientAuthentication.sasl.iam');
  if (clientAuthentication?.tls?.enabled || clientAuthentication?.tls?.certificateAuthorityArnList?.length)
    return notBuilt('Mutual TLS', 'clientAuthentication.tls');
  const inCluster = encryptionInfo?.encryptionInTransit?.inCluster;
  const inClusterField = 'encryptionInfo.encryptionInTransit.inCluster';
  if (usesScram(asked) && inCluster === false)
    return badRequest('SASL/SCRAM needs encryption between brokers: inCluster must be true.', inClusterField);
  if (usesScram(asked) && clientBrokerOf(asked) !== 'TLS')
    return badRequest(
      `SASL/SCRAM needs TLS as the encryption between clients and brokers, not ${clientBrokerOf(asked)}.`,
      'encryptionInfo.encryptionInTransit.clientBroker',
    );
  return listenersOf(asked).length === 0
    ? badRequest(
        'Without unauthenticated access and SASL/SCRAM nobody could connect.',
        'clientAuthentication.unauthenticated',
      )
    : null;
}

/** Whether every broker has a name for its certificate; null when it has. */
export function withoutTlsName(
  asked: Pick<ProvisionedSpec, 'clientAuthentication' | 'encryptionInfo'>,
  name: string | null,
  advertise: string,
): ApiError | null {
  const isEncrypted = listenersOf(asked).some((kind) => kind !== 'plaintext');
  return isEncrypted && name === null
    ? badRequest(
        `Clients are told the address ${advertise}, and TLS needs a name: start Millrace with one (--advertise), or ask for PLAINTEXT.`,
        'encryptionInfo.encryptionInTransit.clientBroker',
      )
    : null;
}
