import { badRequest, isApiError } from '../aws/api-error.ts';
import { updateMonitoring } from '../state/updates.ts';
import { enhancedMonitoring, loggingInfo, openMonitoring } from './cluster-shapes.ts';
import { wrongMonitoring } from './monitoring-rules.ts';
import { ARN, operation } from './operation.ts';
import { optional, structure } from './shape.ts';
import { begun, changeable, request, VERSION } from './update-request.ts';

export const updateMonitoringOperation = operation({
  name: 'UpdateMonitoring',
  input: structure({
    ClusterArn: ARN,
    currentVersion: VERSION,
    enhancedMonitoring: optional(enhancedMonitoring),
    openMonitoring: optional(openMonitoring),
    loggingInfo: optional(loggingInfo),
  }),
  handle: (control, { ClusterArn, currentVersion, ...target }, caller) => {
    const cluster = changeable(control, ClusterArn);
    if (isApiError(cluster)) return cluster;
    if (Object.keys(target).length === 0)
      return badRequest('The request does not change the monitoring.', 'enhancedMonitoring');
    const wrong = wrongMonitoring(target);
    if (wrong) return wrong;
    return begun(
      control.store.execute((clusters) =>
        updateMonitoring(clusters, { ...request(ClusterArn, caller), currentVersion, target }),
      ),
    );
  },
});
