import { saslConfigs } from '../../metadata/configs/broker/sasl-configs.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import type { IamSignIn } from '../../security/iam/iam-sign-in.ts';
import { scramMechanisms } from '../../security/scram/mechanism.ts';
import type { SaslOptions } from '../../server/sasl/sasl-session.ts';
import type { BrokerSettings } from './broker-settings.ts';

/**
 * How clients sign in to a listener: by SCRAM, with the credentials of the newest image, or by IAM.
 * `mechanisms`: by default all of SCRAM. `iam`: of a broker with a listener where clients sign in by it.
 */
export function saslOptions(
  settings: BrokerSettings,
  image: () => ClusterImage,
  mechanisms: readonly string[] = scramMechanisms.map(({ name }) => name),
  iam: IamSignIn | null = null,
): SaslOptions {
  return {
    ...(iam ? { iam } : {}),
    mechanisms,
    credential: ({ code }, user) => image().scram.get(user, code),
    secret: () => Buffer.from(firstDirectory(image())),
    requestBytesMax: settings.get(saslConfigs.saslServerMaxReceiveSize),
    maxReauthMs: settings.get(saslConfigs.connectionsMaxReauthMs),
    failureDelayMs: settings.get(saslConfigs.connectionFailedAuthenticationDelayMs),
  };
}

/**
 * An id that all brokers know and no client is told before it signs in: of the data folder of the oldest
 * broker. The salts of users that do not exist come from it, so they are the same on all brokers and after
 * every restart, as those of others.
 */
function firstDirectory(image: ClusterImage): string {
  const [oldest] = image.brokers.all().toSorted((a, b) => a.id - b.id);
  return oldest?.logDirs[0] ?? '';
}
