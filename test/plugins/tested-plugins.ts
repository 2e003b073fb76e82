import type { AwsCredentials } from '../../src/aws/credentials/aws-credentials.ts';
import { S3Client } from '../../src/aws/s3/s3-client.ts';
import type { World } from '../../src/base/world.ts';
import type { KafkaClient } from '../../src/kafka-client/kafka-client.ts';
import { type Archive, ofJars, published } from '../debezium/archives.ts';
import type { Postgres } from '../debezium/postgres.ts';

/** The two ends between which connectors of other vendors move rows. */
export interface Ends {
  readonly world: World;
  /** The cluster whose connectors they are. */
  readonly kafka: KafkaClient;
  readonly bootstrap: string;
  /** Another cluster, whose topics are mirrored. */
  readonly far: KafkaClient;
  readonly farBootstrap: string;
  readonly postgres: Postgres;
  readonly s3: { readonly endpoint: string; readonly region: string; readonly credentials: AwsCredentials };
  readonly bucket: string;
}

/** One connector of another vendor, and how its work is checked. */
export interface TestedPlugin {
  readonly archive: () => Archive;
  /** The topic that rows are written to, and its cluster. */
  readonly topic: string;
  readonly source: (ends: Ends) => KafkaClient;
  readonly row: (n: number) => { key: string; value: string };
  readonly configuration: (ends: Ends) => Record<string, string>;
  /** The number of rows that arrived, and how many of them are distinct. */
  readonly arrived: (ends: Ends) => Promise<{ rows: number; distinct: number }>;
}

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter';
const BYTES_CONVERTER = 'org.apache.kafka.connect.converters.ByteArrayConverter';
const MOST_METADATA_BYTES = 16 * 1024 ** 2;

const jdbcUrl = ({ postgres }: Ends) => `jdbc:postgresql://127.0.0.1:${postgres.port}/postgres`;
/** With the schema that the JDBC sink requires. */
const field = (name: string, type: string) => ({ field: name, type, optional: false });
const KEY_SCHEMA = { type: 'struct', optional: false, fields: [field('id', 'int32')] };
const ROW_SCHEMA = {
  type: 'struct',
  optional: false,
  fields: [field('id', 'int32'), field('name', 'string')],
};
const nameOf = (n: number) => `Zoë "${n}"`;

export const TESTED_PLUGINS: Readonly<Record<string, TestedPlugin>> = {
  /** Debezium's sink into tables. */
  jdbc: {
    archive: () => published('debezium-connector-jdbc'),
    topic: 'customers',
    source: ({ kafka }) => kafka,
    row: (n) => ({
      key: JSON.stringify({ schema: KEY_SCHEMA, payload: { id: n } }),
      value: JSON.stringify({ schema: ROW_SCHEMA, payload: { id: n, name: nameOf(n) } }),
    }),
    configuration: (ends) => ({
      'connector.class': 'io.debezium.connector.jdbc.JdbcSinkConnector',
      topics: 'customers',
      'connection.url': jdbcUrl(ends),
      ...{ 'connection.username': 'postgres', 'connection.password': 'of nobody' },
      ...{ 'insert.mode': 'upsert', 'primary.key.mode': 'record_key', 'schema.evolution': 'basic' },
      'collection.name.format': 'customers',
      ...{ 'key.converter': JSON_CONVERTER, 'value.converter': JSON_CONVERTER },
    }),
    async arrived({ postgres }) {
      const [there] = await postgres.sql(`SELECT to_regclass('customers') IS NOT NULL;`);
      if (there !== 't') return { rows: 0, distinct: 0 };
      const [line = ''] = await postgres.sql('SELECT count(*), count(DISTINCT (id, name)) FROM customers;');
      const [rows, distinct] = line.split('|').map(Number);
      return { rows: rows ?? 0, distinct: distinct ?? 0 };
    },
  },
  /**
   * Apache Iceberg's sink: Parquet on S3, the catalog in PostgreSQL, commits through a topic and
   * transactions.
   */
  iceberg: {
    archive: () => ofJars('iceberg'),
    topic: 'visits',
    source: ({ kafka }) => kafka,
    row: (n) => ({ key: String(n), value: JSON.stringify({ id: n, name: nameOf(n) }) }),
    configuration: (ends) => ({
      'connector.class': 'org.apache.iceberg.connect.IcebergSinkConnector',
      topics: 'visits',
      ...{ 'iceberg.tables': 'lake.visits', 'iceberg.tables.auto-create-enabled': 'true' },
      ...{ 'iceberg.control.topic': 'iceberg-control', 'iceberg.control.commit.interval-ms': '10000' },
      'iceberg.catalog.catalog-impl': 'org.apache.iceberg.jdbc.JdbcCatalog',
      'iceberg.catalog.uri': jdbcUrl(ends),
      ...{ 'iceberg.catalog.jdbc.user': 'postgres', 'iceberg.catalog.jdbc.password': 'of nobody' },
      'iceberg.catalog.warehouse': `s3://${ends.bucket}/warehouse`,
      'iceberg.catalog.io-impl': 'org.apache.iceberg.aws.s3.S3FileIO',
      'iceberg.catalog.s3.endpoint': ends.s3.endpoint,
      'iceberg.catalog.s3.path-style-access': 'true',
      'iceberg.catalog.s3.access-key-id': ends.s3.credentials.accessKeyId,
      'iceberg.catalog.s3.secret-access-key': ends.s3.credentials.secretAccessKey,
      'iceberg.catalog.client.region': ends.s3.region,
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      ...{ 'value.converter': JSON_CONVERTER, 'value.converter.schemas.enable': 'false' },
    }),
    async arrived({ world, postgres, s3, bucket }) {
      const [there] = await postgres.sql(`SELECT to_regclass('iceberg_tables') IS NOT NULL;`);
      if (there !== 't') return { rows: 0, distinct: 0 };
      const [location] = await postgres.sql('SELECT metadata_location FROM iceberg_tables;');
      if (location === undefined) return { rows: 0, distinct: 0 };
      const client = new S3Client(world, { ...s3, credentials: () => s3.credentials });
      const key = location.slice(`s3://${bucket}/`.length);
      const metadata: Metadata = JSON.parse(
        (await client.get({ bucket, key }, MOST_METADATA_BYTES)).toString(),
      );
      client.close();
      const current = metadata.snapshots?.find(
        (one) => one['snapshot-id'] === metadata['current-snapshot-id'],
      );
      const rows = Number(current?.summary['total-records'] ?? 0);
      return { rows, distinct: rows };
    },
  },
  /** MirrorMaker's source, from the other cluster. */
  mirror: {
    archive: () => ofJars('mirror'),
    topic: 'orders',
    source: ({ far }) => far,
    row: (n) => ({ key: String(n), value: nameOf(n) }),
    configuration: ({ bootstrap, farBootstrap }) => ({
      'connector.class': 'org.apache.kafka.connect.mirror.MirrorSourceConnector',
      'source.cluster.alias': 'far',
      'source.cluster.bootstrap.servers': farBootstrap,
      'target.cluster.alias': 'near',
      'target.cluster.bootstrap.servers': bootstrap,
      topics: 'orders',
      ...{ 'replication.factor': '3', 'offset-syncs.topic.replication.factor': '1' },
      'sync.topic.acls.enabled': 'false',
      'exactly.once.support': 'required',
      'consumer.isolation.level': 'read_committed',
      ...{ 'key.converter': BYTES_CONVERTER, 'value.converter': BYTES_CONVERTER },
    }),
    async arrived({ kafka }) {
      const names = (await kafka.admin.topics.list()).map((topic) => topic.name);
      if (!names.includes('far.orders')) return { rows: 0, distinct: 0 };
      const { partitions } = await kafka.admin.topics.describe('far.orders');
      const consumer = kafka.consumer({ offsetReset: 'earliest' });
      consumer.assign(partitions.map((_, partition) => ({ topic: 'far.orders', partition })));
      const keys: string[] = [];
      for (let empty = 0; empty < EMPTY_POLLS; ) {
        const records = await consumer.poll(500);
        empty = records.length === 0 ? empty + 1 : 0;
        keys.push(...records.map(({ key }) => String(key)));
      }
      await consumer.close();
      return { rows: keys.length, distinct: new Set(keys).size };
    },
  },
};

/** The end is reached after this many polls without records. */
const EMPTY_POLLS = 4;

interface Metadata {
  readonly 'current-snapshot-id': number;
  readonly snapshots?: readonly {
    readonly 'snapshot-id': number;
    readonly summary: Readonly<Record<string, string>>;
  }[];
}
