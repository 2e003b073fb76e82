import type { KafkaClient } from '../../src/kafka-client/kafka-client.ts';
import { type Archive, ofJars, published } from '../debezium/archives.ts';
import { icebergRows, icebergSink, jdbcUrl, type Lake } from './iceberg.ts';
import { aliceMayRead, letAliceRead } from './mirrored-acls.ts';

/** The two ends between which connectors of other vendors move rows. */
export interface Ends extends Lake {
  /** The cluster whose connectors they are. */
  readonly kafka: KafkaClient;
  readonly bootstrap: string;
  /** Another cluster, whose topics are mirrored. */
  readonly far: KafkaClient;
  readonly farBootstrap: string;
}

/** One connector of another vendor, and how its work is checked. */
export interface TestedPlugin {
  readonly archive: () => Archive;
  /** The topic that rows are written to, and its cluster. */
  readonly topic: string;
  readonly source: (ends: Ends) => KafkaClient;
  readonly row: (n: number) => { key: string; value: string };
  readonly configuration: (ends: Ends) => Record<string, string>;
  /** Before the connector is made, when its topic is there. */
  readonly prepare?: (ends: Ends) => Promise<void>;
  /** What it must have brought beside rows; resolves when it has. */
  readonly brings?: (ends: Ends) => Promise<void>;
  /** The number of rows that arrived, and how many of them are distinct. */
  readonly arrived: (ends: Ends) => Promise<{ rows: number; distinct: number }>;
}

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter';
const BYTES_CONVERTER = 'org.apache.kafka.connect.converters.ByteArrayConverter';

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
    configuration: (ends) => icebergSink(ends, { topic: 'visits', commitMs: 10_000 }),
    async arrived(ends) {
      const rows = await icebergRows(ends);
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
      ...{ 'sync.topic.acls.enabled': 'true', 'sync.topic.acls.interval.seconds': '5' },
      'exactly.once.support': 'required',
      'consumer.isolation.level': 'read_committed',
      ...{ 'key.converter': BYTES_CONVERTER, 'value.converter': BYTES_CONVERTER },
    }),
    prepare: ({ farBootstrap }) => letAliceRead(farBootstrap, 'orders'),
    brings: ({ bootstrap }) => aliceMayRead(bootstrap, 'far.orders'),
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
