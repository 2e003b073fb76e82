import { authorizerConfigs } from '../metadata/configs/broker/authorizer-configs.ts';
import { saslConfigs } from '../metadata/configs/broker/sasl-configs.ts';
import type { ConfigKey } from '../metadata/configs/config-key.ts';
import type { ClusterImage } from '../metadata/image.ts';
import { ImageAuthorizer } from './image-authorizer.ts';

/**
 * The authorizer that the configs of a broker or controller ask for, as they are at its start; null where
 * they ask for none.
 */
export function authorizerOf(
  config: <Value>(key: ConfigKey<Value>) => Value,
  image: () => ClusterImage | undefined,
): ImageAuthorizer | null {
  if (config(saslConfigs.authorizerClassName) === '') return null;
  return new ImageAuthorizer({
    image,
    superUsers: config(authorizerConfigs.superUsers),
    allowEveryoneIfNoAclFound: config(authorizerConfigs.allowEveryoneIfNoAclFound),
  });
}
