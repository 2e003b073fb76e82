import { type ApiError, badRequest } from '../aws/api-error.ts';
import type { Cluster } from '../state/cluster.ts';
import { clientBrokerOf, encryptsInCluster, usesIam, usesMutualTls, usesScram } from '../state/listeners.ts';
import { type ConnectivityInfo, isPublic } from '../state/provisioned-spec.ts';
import { notBuilt } from './not-built.ts';

const PUBLIC_TYPES = ['DISABLED', 'SERVICE_PROVIDED_EIPS'];
const PUBLIC_FIELD = 'connectivityInfo.publicAccess.type';
const VPC_FIELD = 'connectivityInfo.vpcConnectivity.clientAuthentication';
const GUARD = 'allow.everyone.if.no.acl.found';

/** What is asked of the cluster as it is, or as it is to be. */
type Asked = Pick<Cluster, 'spec' | 'properties' | 'brokerConfig'>;

/** MSK's rules for who may reach a cluster from outside of its VPC; null when all is right. */
export function wrongConnectivity(cluster: Asked, target: ConnectivityInfo): ApiError | null {
  const { publicAccess, networkType } = target;
  const type = publicAccess?.type ?? 'DISABLED';
  if (!PUBLIC_TYPES.includes(type))
    return badRequest(`publicAccess.type must be ${PUBLIC_TYPES.join(' or ')}, not ${type}.`, PUBLIC_FIELD);
  if (networkType === 'DUAL') return notBuilt('Dual-stack networking', 'connectivityInfo.networkType');
  return (isPublic(target) ? wrongPublicAccess(cluster) : null) ?? wrongVpcConnectivity(cluster, target);
}

/** MSK changes one setting at a time; one that is sent as it is does not count. Null when all is right. */
export function changesTwoSettings(
  before: ConnectivityInfo | undefined,
  target: ConnectivityInfo,
): ApiError | null {
  if (isPublic(before) === isPublic(target) || schemesOf(before) === schemesOf(target)) return null;
  return badRequest(
    "You can't update multiple connectivity settings in the same request. Modify your request to update only NetworkType, VpcConnectivity, or PublicAccess connectivity setting, and try again.",
    'connectivityInfo',
  );
}

function schemesOf(connectivity: ConnectivityInfo | undefined): string {
  const { sasl, tls } = connectivity?.vpcConnectivity?.clientAuthentication ?? {};
  return [sasl?.scram, sasl?.iam, tls].map((scheme) => scheme?.enabled ?? false).join();
}

function wrongPublicAccess(cluster: Asked): ApiError | null {
  const { spec } = cluster;
  const refused = (why: string) => badRequest(`Public access needs ${why}.`, PUBLIC_FIELD);
  if (!usesScram(spec) && !usesIam(spec) && !usesMutualTls(spec))
    return refused('SASL/SCRAM, IAM or mutual TLS');
  if (spec.clientAuthentication?.unauthenticated?.enabled) return refused('unauthenticated access to be off');
  if (!encryptsInCluster(spec)) return refused('encryption between brokers');
  if (clientBrokerOf(spec) !== 'TLS') return refused('TLS between clients and brokers, without plaintext');
  // ACLs do not bind who signs in by IAM.
  const bindsAcls = usesScram(spec) || usesMutualTls(spec);
  return bindsAcls && letsEveryoneIn(cluster) ? refused(`a configuration with ${GUARD}=false`) : null;
}

function wrongVpcConnectivity(cluster: Asked, { vpcConnectivity }: ConnectivityInfo): ApiError | null {
  const { sasl, tls } = vpcConnectivity?.clientAuthentication ?? {};
  const { spec } = cluster;
  const wanted = [
    { name: 'SASL/SCRAM', field: 'sasl.scram', on: sasl?.scram?.enabled, own: usesScram(spec) },
    { name: 'IAM', field: 'sasl.iam', on: sasl?.iam?.enabled, own: usesIam(spec) },
    { name: 'Mutual TLS', field: 'tls', on: tls?.enabled, own: usesMutualTls(spec) },
  ].filter(({ on }) => on);
  const missing = wanted.find(({ own }) => !own);
  if (missing)
    return badRequest(
      `${missing.name} for other VPCs needs ${missing.name} as a sign-in of the cluster.`,
      `${VPC_FIELD}.${missing.field}`,
    );
  if (wanted.length > 0 && spec.brokerNodeGroupInfo.instanceType === 'kafka.t3.small')
    return badRequest('Connectivity from other VPCs is not for brokers of kafka.t3.small.', VPC_FIELD);
  // ACLs do not bind who signs in by IAM.
  return wanted.some(({ field }) => field !== 'sasl.iam') && letsEveryoneIn(cluster)
    ? badRequest(`Connectivity from other VPCs needs a configuration with ${GUARD}=false.`, VPC_FIELD)
    : null;
}

function letsEveryoneIn({ brokerConfig, properties }: Asked): boolean {
  return { ...brokerConfig, ...properties }[GUARD] === 'true';
}
