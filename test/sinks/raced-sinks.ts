import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import type { S3Client } from '../../src/aws/s3/s3-client.ts';
import { zipBytes } from '../../src/connect/plugins/zip-bytes.ts';
import { workersBelow } from '../../src/connect/worker/running-workers.ts';
import type { OpenSearchTestServer } from '../../src/connectors/opensearch-sink/testing/opensearch-server.ts';
import { ofJars } from '../debezium/archives.ts';
import { TestedConnector } from '../debezium/connector.ts';
import type { FaultCluster } from '../faults/cluster.ts';
import { createBuiltIn } from '../objects/built-in.ts';
import type { Versitygw } from '../objects/versitygw.ts';
import { icebergRows, icebergSink, type Lake } from '../plugins/iceberg.ts';

/** What all sinks share: one topic whose values are JSON lines of one width. */
export interface Track {
  readonly cluster: FaultCluster;
  readonly topic: string;
  readonly tasks: number;
  readonly rowBytes: number;
  /** A folder where connectors may write files. */
  readonly files: string;
  readonly server: Versitygw;
  readonly bucket: string;
  readonly s3: S3Client;
  /** For Iceberg: its files are in the same bucket. */
  readonly lake: Lake;
  /** The number of rows of one partition in one object. */
  readonly objectRows: number;
  readonly search: OpenSearchTestServer;
  readonly searchUrl: string;
  /** Bytes of `buffer.memory`; null: the default. */
  readonly buffer: number | null;
}

/** A running sink: its worker's processes, and the number of rows that arrived. */
export interface Racing {
  pids(): readonly number[];
  arrived(): Promise<number>;
}

const STRING = 'org.apache.kafka.connect.storage.StringConverter';

export const RACED_SINKS: Readonly<Record<string, (track: Track) => Promise<Racing>>> = {
  async 'file sink, built in'(track) {
    const file = join(track.files, 'built-in.txt');
    const arn = await builtIn(track, 'file-built-in', {
      'connector.class': 'FileStreamSink',
      ...{ file, 'value.converter': STRING },
      'value.converter.schemas.enable': undefined,
    });
    return { pids: () => workersOf(track, arn), arrived: async () => rowsIn(file, track) };
  },
  async 'file sink, Kafka Connect'(track) {
    const file = join(track.files, 'kafka-connect.txt');
    const jar = 'connect-file-4.3.1.jar';
    const bytes = zipBytes([
      { name: `file/${jar}`, bytes: readFileSync(join(kafkaJars('connect') ?? '', jar)) },
    ]);
    const connector = await TestedConnector.create(track.cluster, {
      ...{ name: 'file-kafka-connect', archive: { name: 'file.zip', bytes }, workers: 1 },
      configuration: {
        'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
        ...{ topics: track.topic, 'tasks.max': String(track.tasks), file },
        ...{ 'key.converter': STRING, 'value.converter': STRING },
      },
    });
    return { pids: () => connector.workers(), arrived: async () => rowsIn(file, track) };
  },
  async 'S3 sink, built in'(track) {
    const { server, bucket, s3 } = track;
    const arn = await builtIn(track, 's3-built-in', {
      'connector.class': 'io.confluent.connect.s3.S3SinkConnector',
      ...{ 's3.bucket.name': bucket, 's3.region': server.region, 'store.url': server.endpoint },
      'aws.access.key.id': server.credentials.accessKeyId,
      'aws.secret.access.key': server.credentials.secretAccessKey,
      'format.class': 'io.confluent.connect.s3.format.json.JsonFormat',
      'flush.size': String(track.objectRows),
    });
    return {
      pids: () => workersOf(track, arn),
      async arrived() {
        let bytes = 0;
        for await (const { size } of s3.list(bucket, `topics/${track.topic}/`)) bytes += size;
        return bytes / track.rowBytes;
      },
    };
  },
  async 'Iceberg sink, Kafka Connect'(track) {
    const connector = await TestedConnector.create(track.cluster, {
      ...{ name: 'iceberg-kafka-connect', archive: ofJars('iceberg'), workers: 1 },
      configuration: {
        ...icebergSink(track.lake, { topic: track.topic, commitMs: 1_000 }),
        'tasks.max': String(track.tasks),
      },
    });
    return { pids: () => connector.workers(), arrived: () => icebergRows(track.lake) };
  },
  async 'OpenSearch sink, built in'(track) {
    const arn = await builtIn(track, 'search-built-in', {
      'connector.class': 'io.aiven.kafka.connect.opensearch.OpensearchSinkConnector',
      ...{ 'connection.url': track.searchUrl, 'key.ignore': 'true', 'schema.ignore': 'true' },
    });
    return {
      pids: () => workersOf(track, arn),
      arrived: async () => track.search.indexes.get(track.topic)?.size ?? 0,
    };
  },
};

function builtIn(
  { cluster, topic, tasks, buffer }: Track,
  name: string,
  configuration: Record<string, string | undefined>,
): Promise<string> {
  return createBuiltIn(cluster.api, cluster.bootstrap, name, {
    ...{ topics: topic, 'tasks.max': String(tasks), 'key.converter': STRING },
    ...(buffer === null ? {} : { 'buffer.memory': String(buffer) }),
    ...configuration,
  });
}

function workersOf({ cluster }: Track, arn: string): number[] {
  // The last part of an ARN has a number after the uuid.
  const uuid = (arn.split('/').at(-1) ?? '').replace(/-\d+$/, '');
  return workersBelow(join(cluster.data, 'connect/connectors', uuid)).map(({ pid }) => pid);
}

function rowsIn(file: string, { rowBytes }: Track): number {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) / rowBytes;
}
