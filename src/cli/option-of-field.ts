/** What fields of the API are called on the command line: nobody typed `numberOfBrokerNodes`. */
const OPTIONS: Readonly<Record<string, string>> = {
  clusterName: 'The name',
  numberOfBrokerNodes: '--brokers',
  targetNumberOfBrokerNodes: '--brokers',
  kafkaVersion: '--kafka-version',
  'brokerNodeGroupInfo.instanceType': '--instance-type',
  instanceType: '--instance-type',
  targetInstanceType: '--instance-type',
  'brokerNodeGroupInfo.clientSubnets': '--zones',
  'encryptionInfo.encryptionInTransit.clientBroker': '--client-broker',
  'brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize': '--volume-size',
  volumeSizeGB: '--volume-size',
  bytesPerSecond: '--throttle',
  serverProperties: 'The properties',
  name: 'The name',
  kafkaVersions: '--kafka-version',
  'configurationInfo.arn': '--configuration',
  'configurationInfo.revision': '--configuration',
  configurationInfo: '--configuration',
  targetKafkaVersion: '--kafka-version',
  brokerIds: 'BROKER',
  UserName: 'The name of the user',
  RoleName: 'The name of the role',
  PolicyName: 'The name of the policy',
  PolicyDocument: 'The policy',
  resource: 'RESOURCE',
  host: '--host',
  AccessKeyId: 'The id of the access key',
  'acls[].principal': 'The principal',
  'acls[].host': 'The host',
  'acls[].resourceName': 'The name of the resource',
};

/** MSK's words for what the command line calls otherwise. */
const SUBNETS = 'Availability Zones in the Client Subnets parameter';

/** The API's message about a field, as whoever typed an option understands it. */
export function inWordsOfTheCommandLine(text: string, field: string | null): string {
  const message = text.replace(SUBNETS, 'its zones');
  const option = field === null ? undefined : OPTIONS[field.replaceAll(/\[\d+\]/g, '[]')];
  if (option === undefined || field === null) return message;
  return message.startsWith(`${field} `)
    ? `${option}${message.slice(field.length)}`
    : `${option}: ${message}`;
}
