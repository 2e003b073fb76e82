import { certificatePrincipal } from '../../security/certificates/certificate-principal.ts';
import type { PrincipalMapping } from '../../security/certificates/principal-mapping.ts';
import { peerOf } from '../../security/peers/peer-identity.ts';
import { usesSasl } from '../../security/protocol.ts';
import type { ServerListenerOptions } from '../../server/listener-options.ts';
import { peerSasl } from '../../server/sasl/peer-sasl.ts';
import { tlsSource } from '../../server/tls-files.ts';
import { saslOptions } from '../configs/sasl-options.ts';
import type { BrokerCore } from './broker-core.ts';
import type { IamAccess } from './iam-access.ts';

/**
 * The broker's listeners as its server takes them: how clients sign in, and who the owner of a certificate
 * is. `mappings`: how the names in certificates become principals, by listener. `iam`: null where nobody
 * signs in by it.
 */
export function servedListeners(
  { world, options, image, settings, peerSecret }: BrokerCore,
  mappings: ReadonlyMap<string, PrincipalMapping>,
  iam: IamAccess | null,
): ServerListenerOptions[] {
  const { peerTls } = options;
  return options.listeners.map(({ tls, mechanisms, configsOf: _, ...listener }) => ({
    ...listener,
    ...(usesSasl(listener.security ?? 'PLAINTEXT')
      ? { sasl: saslOptions(settings, image, mechanisms, iam?.signIn) }
      : {}),
    ...(listener.purpose === 'replication' && peerSecret
      ? { sasl: peerSasl(peerSecret, options.peerAccess) }
      : {}),
    ...(tls
      ? {
          tls: {
            source: tlsSource(world, tls),
            ...(listener.purpose === 'replication' && peerTls
              ? { peer: (certificate) => peerOf(certificate, peerTls.domain) }
              : {
                  principal: (certificate) => certificatePrincipal(certificate, mappings.get(listener.name)),
                }),
          },
        }
      : {}),
  }));
}
