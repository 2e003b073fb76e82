import { gunzipSync } from 'node:zlib';
import type { Versitygw } from './versitygw.ts';

/** Resolves with the ARN of a connector that needs no plugin. Rejects with the API's refusal. */
export async function createBuiltIn(
  api: string,
  bootstrapServers: string,
  connectorName: string,
  configuration: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const response = await fetch(`${api}/v1/connectors`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      connectorName,
      capacity: { provisionedCapacity: { mcuCount: 1, workerCount: 1 } },
      connectorConfiguration: {
        'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
        'value.converter.schemas.enable': 'false',
        ...configuration,
      },
      kafkaCluster: { apacheKafkaCluster: { bootstrapServers, vpc: { subnets: ['subnet-a'] } } },
      kafkaClusterClientAuthentication: { authenticationType: 'NONE' },
      kafkaClusterEncryptionInTransit: { encryptionType: 'PLAINTEXT' },
      kafkaConnectVersion: '3.7.x',
      plugins: [],
      serviceExecutionRoleArn: 'arn:aws:iam::000000000000:role/connect',
    }),
  });
  if (!response.ok) throw new Error(`CreateConnector: ${await response.text()}`);
  const { connectorArn }: { connectorArn: string } = JSON.parse(await response.text());
  return connectorArn;
}

/** What the API says of a connector now; `why` is empty where there is nothing to say. */
export async function stateOf(api: string, arn: string): Promise<{ state: string; why: string }> {
  const response = await fetch(`${api}/v1/connectors/${encodeURIComponent(arn)}`);
  const said: { connectorState: string; stateDescription?: { message: string } } = JSON.parse(
    await response.text(),
  );
  return { state: said.connectorState, why: said.stateDescription?.message ?? '' };
}

/** The end of what its workers logged. */
export async function logOf(api: string, arn: string): Promise<string> {
  const response = await fetch(`${api}/millrace/v1/connectors/${encodeURIComponent(arn)}/logs`);
  const { workers }: { workers: { worker: string; text: string }[] } = JSON.parse(await response.text());
  return workers
    .map(({ worker, text }) => `${worker}:\n${text.split('\n').slice(-20).join('\n')}`)
    .join('\n');
}

/**
 * The S3 sink's own properties: JSON lines in gzip; each object ends after this many milliseconds of
 * wall-clock time.
 */
export function intoObjects(
  { endpoint, region, credentials }: Versitygw,
  bucket: string,
  scheduleMs: number,
): Record<string, string> {
  return {
    'connector.class': 'io.confluent.connect.s3.S3SinkConnector',
    ...{ 's3.bucket.name': bucket, 's3.region': region, 'store.url': endpoint },
    'aws.access.key.id': credentials.accessKeyId,
    'aws.secret.access.key': credentials.secretAccessKey,
    'format.class': 'io.confluent.connect.s3.format.json.JsonFormat',
    's3.compression.type': 'gzip',
    ...{ 'rotate.schedule.interval.ms': String(scheduleMs), timezone: 'UTC' },
  };
}

/** The numbers `n` of the lines of such an object. */
export function numbersOf(body: Buffer): number[] {
  return gunzipSync(body)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Number(JSON.parse(line).n));
}
