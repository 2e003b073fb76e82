import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import type { Cluster } from '../state/cluster.ts';
import { clientBrokerOf, encryptsInCluster } from '../state/listeners.ts';
import type { ProvisionedSpec } from '../state/provisioned-spec.ts';
import { updateSecurity } from '../state/updates.ts';
import { clientAuthentication, encryptionInfo } from './cluster-shapes.ts';
import { wrongConnectivity } from './connectivity-rules.ts';
import { ARN, operation } from './operation.ts';
import { completeSignIn } from './provisioned.ts';
import { withoutTlsName, wrongSecurity } from './security-rules.ts';
import { optional, structure, type TypeOf } from './shape.ts';
import { begun, changeable, request, VERSION } from './update-request.ts';

const INPUT = structure({
  ClusterArn: ARN,
  currentVersion: VERSION,
  clientAuthentication: optional(clientAuthentication),
  encryptionInfo: optional(encryptionInfo),
});

type Security = Pick<ProvisionedSpec, 'clientAuthentication' | 'encryptionInfo'>;

export const updateSecurityOperation = operation({
  name: 'UpdateSecurity',
  input: INPUT,
  handle: (control, input, caller) => {
    const cluster = changeable(control, input.ClusterArn);
    if (isApiError(cluster)) return cluster;
    const target = changedSecurity(cluster, input);
    if (isApiError(target)) return target;
    const wanted = { ...cluster.spec, ...target };
    const wrong =
      wrongSecurity(wanted, (arn) => control.clientAuthorities.has(arn)) ??
      withoutTlsName(wanted, control.options.advertised) ??
      wrongConnectivity(
        { ...cluster, spec: wanted },
        cluster.spec.brokerNodeGroupInfo.connectivityInfo ?? {},
      );
    if (wrong) return wrong;
    const { currentVersion } = input;
    return begun(
      control.store.execute((clusters) =>
        updateSecurity(clusters, { ...request(cluster.arn, caller), currentVersion, target }),
      ),
    );
  },
});

/** What of it is named stays in its place; what is not named stays as it is. */
function changedSecurity(cluster: Cluster, input: TypeOf<typeof INPUT>): Security | ApiError {
  const { clientAuthentication: signIn, encryptionInfo: encryption } = input;
  if (!signIn && !encryption)
    return badRequest('Name clientAuthentication, encryptionInfo or both.', 'clientAuthentication');
  if (encryption?.encryptionAtRest)
    return badRequest(
      'Updating encryption-at-rest settings on your cluster is not currently supported.',
      'encryptionInfo',
    );
  const { inCluster, clientBroker: wanted } = encryption?.encryptionInTransit ?? {};
  if (inCluster !== undefined && inCluster !== encryptsInCluster(cluster.spec))
    return badRequest(
      'Updating in-cluster encryption settings on your cluster is not currently supported.',
      'encryptionInfo.encryptionInTransit.inCluster',
    );
  const target: Security = {
    ...(signIn ? { clientAuthentication: completeSignIn(signIn) } : {}),
    ...(wanted === undefined ? {} : { encryptionInfo: withClientBroker(cluster, wanted) }),
  };
  // What is encrypted may follow from how clients sign in; a change of the one must not change the other
  // unsaid.
  const clientBroker = clientBrokerOf(cluster.spec);
  return wanted !== undefined || clientBrokerOf({ ...cluster.spec, ...target }) === clientBroker
    ? target
    : { ...target, encryptionInfo: withClientBroker(cluster, clientBroker) };
}

/** The rest stays as it was: also unsaid, where the cluster was made before it could be said. */
function withClientBroker(
  { spec: { encryptionInfo: before } }: Cluster,
  clientBroker: ReturnType<typeof clientBrokerOf>,
): Security['encryptionInfo'] {
  return { ...before, encryptionInTransit: { ...before?.encryptionInTransit, clientBroker } };
}
