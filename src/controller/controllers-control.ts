import type { ClusterImage } from '../metadata/image.ts';
import type { VersionRange } from '../metadata/version-range.ts';
import type { ControllerRegistrationRequest } from '../protocol/messages/70-controller-registration.ts';
import { answer, type ControllerDecision } from './decision.ts';

/** A controller tells where it is and what it can (KIP-919); nothing to record when that is known already. */
export function registerController(
  image: ClusterImage,
  request: Omit<ControllerRegistrationRequest, 'features'> & { readonly features: readonly VersionRange[] },
): ControllerDecision<null> {
  const known = image.controllers.byId(request.controllerId);
  if (known?.incarnationId === request.incarnationId) return answer(null);
  return {
    records: [
      {
        type: 'RegisterControllerRecord',
        controllerId: request.controllerId,
        incarnationId: request.incarnationId,
        zkMigrationReady: request.zkMigrationReady,
        endPoints: request.listeners.map(({ name, host, port, securityProtocol }) => ({
          name,
          host,
          port,
          securityProtocol,
        })),
        features: request.features.map((feature) => ({ ...feature })),
      },
    ],
    answer: null,
  };
}
