import { errorCode } from '../../protocol/errors.ts';
import { updateFeatures } from '../../protocol/messages/57-update-features.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';
import { updateFeatures as decide } from '../features-control.ts';

const UPGRADE = 1;
const SAFE_DOWNGRADE = 2;

/**
 * UpdateFeatures v0-2 (KIP-584): raises levels when every node supports them. Up to v1 an answer that is good
 * names each feature; what went wrong is told once, since then nothing was changed.
 */
export const updateFeaturesHandler = handle(
  updateFeatures,
  { versions: [0, 2], operations: ['CLUSTER:ALTER'], listeners: ['controller'] },
  async (context: ControllerContext, request, info) => {
    const answered = (error: 'NONE' | 'CLUSTER_AUTHORIZATION_FAILED' | 'NOT_CONTROLLER') => ({
      throttleTimeMs: 0,
      errorCode: errorCode(error),
      errorMessage: null,
      results: (error === 'NONE' ? request.featureUpdates : []).map(({ feature }) => ({
        feature,
        errorCode: errorCode(error),
        errorMessage: null,
      })),
    });
    if (!info.authorize('ALTER', 'CLUSTER', CLUSTER_NAME)) return answered('CLUSTER_AUTHORIZATION_FAILED');
    const updates = request.featureUpdates.map((update) =>
      info.apiVersion > 0
        ? update
        : { ...update, upgradeType: update.allowDowngrade ? SAFE_DOWNGRADE : UPGRADE },
    );
    const refusal = await context.change((state) => {
      const decision = decide(state, updates, context.nodeId);
      return request.validateOnly ? { ...decision, records: [] } : decision;
    });
    if (refusal === NOT_CONTROLLER) return answered('NOT_CONTROLLER');
    if (refusal === null) return answered('NONE');
    return {
      throttleTimeMs: 0,
      errorCode: errorCode(refusal.error),
      errorMessage: `The update failed for all features since the following feature had an error: ${refusal.message}`,
      results: [],
    };
  },
);
