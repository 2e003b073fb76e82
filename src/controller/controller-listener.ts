import type { World } from '../base/world.ts';
import { peerOf } from '../security/peers/peer-identity.ts';
import type { PeerAccess } from '../security/peers/peer-secret.ts';
import { readPeerSecret } from '../security/peers/peer-secret-file.ts';
import { type PeerTlsFiles, peerListenerTls } from '../security/peers/peer-tls.ts';
import type { ServerListenerOptions } from '../server/listener-options.ts';
import { peerSasl } from '../server/sasl/peer-sasl.ts';
import { tlsSource } from '../server/tls-files.ts';

/** The name of the controller's listener, as brokers and the quorum's records have it. */
export const LISTENER = 'CONTROLLER';

/**
 * The listener to which the nodes of the cluster come: they sign in where there is a secret, and encrypt
 * where there are certificates. Throws when one of these files cannot be read.
 */
export function controllerListener(
  world: World,
  options: {
    readonly host: string;
    readonly port: number;
    readonly peerSecretFile?: string;
    readonly peerAccess?: PeerAccess;
    readonly peerTls?: PeerTlsFiles;
  },
): ServerListenerOptions {
  const { host, port, peerSecretFile, peerAccess, peerTls } = options;
  return {
    name: LISTENER,
    purpose: 'controller',
    host,
    port,
    ...(peerSecretFile === undefined
      ? {}
      : { sasl: peerSasl(readPeerSecret(world.disk, peerSecretFile), peerAccess) }),
    ...(peerTls === undefined
      ? {}
      : {
          tls: {
            source: tlsSource(world, peerListenerTls(peerTls, peerAccess)),
            peer: (certificate) => peerOf(certificate, peerTls.domain),
          },
        }),
  };
}
