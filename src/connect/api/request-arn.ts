import { invalid } from '../../control/api/request-place.ts';
import { type ApiError, isApiError } from '../../control/aws/api-error.ts';
import { type ConnectKind, isConnectArnHere, type Place } from '../../control/aws/arn.ts';
import type { ConnectState } from '../state/connect-state.ts';

/** Kinds by the label that has their ARN in a request's path, and where what is there is found. */
const LABELS: readonly {
  readonly label: string;
  readonly kind: ConnectKind;
  find(state: ConnectState, arn: string): object | ApiError;
}[] = [
  { label: 'connectorArn', kind: 'connector', find: ({ connectors }, arn) => connectors.get(arn) },
  { label: 'customPluginArn', kind: 'custom-plugin', find: ({ plugins }, arn) => plugins.get(arn) },
  {
    ...{ label: 'workerConfigurationArn', kind: 'worker-configuration' },
    find: ({ workerConfigurations }, arn) => workerConfigurations.get(arn),
  },
  {
    ...{ label: 'connectorOperationArn', kind: 'connector-operation' },
    find: (state, arn) => state.operation(arn),
  },
];
const KINDS: readonly ConnectKind[] = ['connector', 'custom-plugin', 'worker-configuration'];

/**
 * What is wrong with the ARN in a request's path before it is looked up; null when it can be looked up. Only
 * the ARN of what could be here is of something that "does not exist": to Terraform that is gone.
 */
export function wrongConnectArn(place: Place, state: ConnectState, labels: object): ApiError | null {
  const given = Object.entries(labels).find(([, arn]) => typeof arn === 'string');
  if (!given) return null;
  const [label, value] = given;
  const arn = String(value);
  if (label === 'resourceArn') {
    const known = KINDS.some((kind) => isConnectArnHere(place, kind, arn)) || !isApiError(state.tags(arn));
    return known ? null : invalid(place, 'resource of MSK Connect', label);
  }
  const wanted = LABELS.find((one) => one.label === label);
  if (!wanted || isConnectArnHere(place, wanted.kind, arn) || !isApiError(wanted.find(state, arn)))
    return null;
  return invalid(place, wanted.kind.replace('-', ' '), label);
}
