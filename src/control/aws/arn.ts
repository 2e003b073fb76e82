import { createHash } from 'node:crypto';

/** Where the resources of this control plane live, as AWS would say it. */
export interface Place {
  readonly region: string;
  readonly account: string;
}

/**
 * The number at the end of every uuid in an MSK ARN names the cell that runs the cluster (host names carry it
 * as `.c2.`). There is one cell here.
 */
const CELL = 1;

export function clusterArn(place: Place, name: string, uuid: string): string {
  return `${prefix(place, 'kafka')}:cluster/${name}/${uuid}-${CELL}`;
}

export function configurationArn(place: Place, name: string, uuid: string): string {
  return `${prefix(place, 'kafka')}:configuration/${name}/${uuid}-${CELL}`;
}

/** Of something in MSK Connect; `kind` as ARNs have it, `custom-plugin`. */
export function connectArn(
  place: Place,
  kind: 'connector' | 'custom-plugin' | 'worker-configuration',
  name: string,
  uuid: string,
): string {
  return `${prefix(place, 'kafkaconnect')}:${kind}/${name}/${uuid}-${CELL}`;
}

/** `uuid` is the operation's own. */
export function connectOperationArn(connectorArn: string, uuid: string): string {
  return `${connectorArn.replace(':connector/', ':connector-operation/')}/${uuid}`;
}

/** Whether this is the ARN of anything in MSK Connect, of whatever kind, region and account. */
export function isConnectArn(arn: string): boolean {
  return /^arn:aws[a-z-]*:kafkaconnect:/.test(arn);
}

/** Kinds of resources in MSK Connect, as ARNs have them. */
export type ConnectKind = 'connector' | 'custom-plugin' | 'worker-configuration' | 'connector-operation';

/** Whether this can be the ARN of such a resource of this region and account. */
export function isConnectArnHere(place: Place, kind: ConnectKind, arn: string): boolean {
  return isOf(prefix(place, 'kafkaconnect'), kind, kind === 'connector-operation' ? 3 : 2, arn);
}

/** `suffix`: six characters of Secrets Manager's own, so that a secret made again is another one. */
export function secretArn(place: Place, name: string, suffix: string): string {
  return `${prefix(place, 'secretsmanager')}:secret:${name}-${suffix}`;
}

export function kmsKeyArn(place: Place, id: string): string {
  return `${prefix(place, 'kms')}:key/${id}`;
}

/** Of ACM's private CAs; its last part is a uuid on AWS, and here what a person called it. */
export function clientCaArn(place: Place, name: string): string {
  return `${prefix(place, 'acm-pca')}:certificate-authority/${name}`;
}

/** IAM is in no region. `path` begins and ends with a slash. */
export function iamArn(
  { region, account }: Place,
  kind: 'user' | 'role' | 'policy',
  path: string,
  name: string,
): string {
  return `arn:${partition(region)}:iam::${account}:${kind}${path}${name}`;
}

/** What a role is called while somebody has assumed it. */
export function assumedRoleArn({ region, account }: Place, role: string, session: string): string {
  return `arn:${partition(region)}:sts::${account}:assumed-role/${role}/${session}`;
}

/** `name` begins with `alias/`. */
export function kmsAliasArn(place: Place, name: string): string {
  return `${prefix(place, 'kms')}:${name}`;
}

/** `uuid` is the operation's own. */
export function operationArn(arn: string, uuid: string): string {
  return `${arn.replace(':cluster/', ':cluster-operation/')}/${uuid}`;
}

/** The ARN of one broker; its uuid follows from the cluster's, so that it needs no storing. */
export function brokerArn(arn: string, brokerId: number): string {
  return `${arn.replace(':cluster/', ':broker/')}/${derivedUuid(arn, `broker-${brokerId}`)}-${CELL}`;
}

/** `cluster`: the ARN of the cluster that has the topic. */
export function topicArn(cluster: string, topic: string): string {
  return `${cluster.replace(':cluster/', ':topic/')}/${topic}`;
}

/**
 * The key of KMS that AWS itself keeps for volumes: one for a region and account. `arn` names anything there.
 */
export function managedKeyArn(arn: string): string {
  const place = arn.split(':').slice(3, 5).join(':');
  return `${arn.split(':').slice(0, 2).join(':')}:kms:${place}:key/${derivedUuid(place, 'aws/kafka')}`;
}

/** The id of a broker's network interface in the form of EC2; nothing here answers to it. */
export function networkInterfaceId(arn: string, brokerId: number): string {
  return `eni-0${derivedUuid(arn, `interface-${brokerId}`).replaceAll('-', '').slice(0, 16)}`;
}

/** Whether this is the ARN of anything in MSK, of whatever kind, region and account. */
export function isKafkaArn(arn: string): boolean {
  return /^arn:aws[a-z-]*:kafka:[a-z0-9-]+:\d{12}:[a-z-]+\/[^/]+(\/[^/]+)*$/.test(arn);
}

/** Whether this can be the ARN of anything in MSK of this region and account. */
export function isAnyArnHere(place: Place, arn: string): boolean {
  const [kind = ''] = arn.split(':').at(5)?.split('/') ?? [];
  const known = kind === 'cluster' || kind === 'cluster-operation';
  return known ? isArnHere(place, kind, arn) : arn.startsWith(`${prefix(place, 'kafka')}:`);
}

/** Whether this can be the ARN of a cluster, or of an operation on one, of this region and account. */
export function isArnHere(place: Place, kind: 'cluster' | 'cluster-operation', arn: string): boolean {
  return isOf(prefix(place, 'kafka'), kind, kind === 'cluster' ? 2 : 3, arn);
}

/** `count`: how many names and ids are behind the kind. */
function isOf(owner: string, kind: string, count: number, arn: string): boolean {
  const start = `${owner}:${kind}/`;
  const parts = arn.slice(start.length).split('/');
  return arn.startsWith(start) && parts.length === count && !parts.includes('');
}

/** A uuid that the same two names always give. */
function derivedUuid(scope: string, name: string): string {
  const hex = createHash('sha256').update(scope).update('\0').update(name).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

function prefix({ region, account }: Place, service: string): string {
  return `arn:${partition(region)}:${service}:${region}:${account}`;
}

function partition(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  if (region.startsWith('eusc-')) return 'aws-eusc';
  return 'aws';
}
