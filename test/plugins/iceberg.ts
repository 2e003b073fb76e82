import type { AwsCredentials } from '../../src/aws/credentials/aws-credentials.ts';
import { S3Client } from '../../src/aws/s3/s3-client.ts';
import type { World } from '../../src/base/world.ts';
import type { Postgres } from '../debezium/postgres.ts';

const MOST_METADATA_BYTES = 16 * 1024 ** 2;
/** The sink does not make it. */
export const ICEBERG_CONTROL_TOPIC = 'iceberg-control';

/** Where Apache Iceberg keeps one table: Parquet on S3, the catalog in PostgreSQL. */
export interface Lake {
  readonly world: World;
  readonly postgres: Postgres;
  readonly s3: { readonly endpoint: string; readonly region: string; readonly credentials: AwsCredentials };
  readonly bucket: string;
}

export function jdbcUrl({ postgres }: Pick<Lake, 'postgres'>): string {
  return `jdbc:postgresql://127.0.0.1:${postgres.port}/postgres`;
}

/** The properties of Iceberg's sink for JSON values of a topic, which commits so often. */
export function icebergSink(
  lake: Lake,
  { topic, commitMs }: { readonly topic: string; readonly commitMs: number },
): Record<string, string> {
  const { s3, bucket } = lake;
  return {
    'connector.class': 'org.apache.iceberg.connect.IcebergSinkConnector',
    topics: topic,
    ...{ 'iceberg.tables': `lake.${topic}`, 'iceberg.tables.auto-create-enabled': 'true' },
    'iceberg.control.topic': ICEBERG_CONTROL_TOPIC,
    'iceberg.control.commit.interval-ms': String(commitMs),
    'iceberg.catalog.catalog-impl': 'org.apache.iceberg.jdbc.JdbcCatalog',
    'iceberg.catalog.uri': jdbcUrl(lake),
    ...{ 'iceberg.catalog.jdbc.user': 'postgres', 'iceberg.catalog.jdbc.password': 'of nobody' },
    'iceberg.catalog.warehouse': `s3://${bucket}/warehouse`,
    'iceberg.catalog.io-impl': 'org.apache.iceberg.aws.s3.S3FileIO',
    'iceberg.catalog.s3.endpoint': s3.endpoint,
    'iceberg.catalog.s3.path-style-access': 'true',
    'iceberg.catalog.s3.access-key-id': s3.credentials.accessKeyId,
    'iceberg.catalog.s3.secret-access-key': s3.credentials.secretAccessKey,
    'iceberg.catalog.client.region': s3.region,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': 'false',
  };
}

/** The number of rows in the current snapshot of the only table. */
export async function icebergRows({ world, postgres, s3, bucket }: Lake): Promise<number> {
  const [there] = await postgres.sql(`SELECT to_regclass('iceberg_tables') IS NOT NULL;`);
  if (there !== 't') return 0;
  const [location] = await postgres.sql('SELECT metadata_location FROM iceberg_tables;');
  if (location === undefined) return 0;
  const client = new S3Client(world, { ...s3, credentials: () => s3.credentials });
  const key = location.slice(`s3://${bucket}/`.length);
  const metadata: Metadata = JSON.parse((await client.get({ bucket, key }, MOST_METADATA_BYTES)).toString());
  client.close();
  const current = metadata.snapshots?.find((one) => one['snapshot-id'] === metadata['current-snapshot-id']);
  return Number(current?.summary['total-records'] ?? 0);
}

interface Metadata {
  readonly 'current-snapshot-id': number;
  readonly snapshots?: readonly {
    readonly 'snapshot-id': number;
    readonly summary: Readonly<Record<string, string>>;
  }[];
}
