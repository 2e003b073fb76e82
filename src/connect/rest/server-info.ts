import type { ConnectControl } from '../api/connect-operation.ts';
import { CONNECT_RELEASE } from '../release/connect-jars.ts';
import type { RestAnswer } from './rest-answer.ts';

/**
 * `GET /` while no worker of Kafka Connect serves: clients ask it first, to learn whether anybody is there
 * and what may be asked of it (kcctl, Debezium's UI). The release is that of the Kafka Connect which would
 * run, or the one whose interface this is.
 */
export async function serverInfo(control: ConnectControl): Promise<RestAnswer> {
  const installation = await control.installation();
  const version = ('version' in installation ? installation.version : null) ?? CONNECT_RELEASE;
  const [cluster, ...others] = control.clusters();
  const clusterId = cluster && others.length === 0 ? cluster.clusterId : '';
  // "unknown" is what Kafka itself says of a build without a commit.
  return { status: 200, body: { version, commit: 'unknown', kafka_cluster_id: clusterId } };
}

/** `GET /health` likewise: nothing is starting. */
export function serverHealth(): RestAnswer {
  const message = 'No worker of Kafka Connect serves now. Connectors can be made and are answered for.';
  return { status: 200, body: { status: 'healthy', message } };
}
