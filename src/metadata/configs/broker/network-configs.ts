import { int, list, long, string } from '../config-key.ts';
import { atLeast } from '../config-valid.ts';

/** Listeners, sockets and requests. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const networkConfigs = [
  list('advertised.listeners', null, 'Addresses told to clients, where they differ from those that are bound.', { importance: 'HIGH' }),
  long('connections.max.idle.ms', 600_000, 'Idle time after which a connection is closed.'),
  int('fetch.max.bytes', 57_671_680, 'The most bytes of one fetch answer.', { valid: atLeast(1024) }),
  string('inter.broker.listener.name', null, 'The listener brokers use among themselves.'),
  string('listener.security.protocol.map', 'SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT', 'The security protocol of each listener name.', { importance: 'LOW', dynamic: 'per-broker' }),
  list('listeners', 'PLAINTEXT://:9092', 'Addresses the broker binds, each with the name of its listener.', { importance: 'HIGH', dynamic: 'per-broker' }),
  int('max.connection.creation.rate', 2_147_483_647, 'Most new connections a second.', { dynamic: 'cluster-wide', valid: atLeast(0) }),
  int('max.connections', 2_147_483_647, 'Most connections of the broker.', { dynamic: 'cluster-wide', valid: atLeast(0) }),
  int('max.connections.per.ip', 2_147_483_647, 'Most connections from one address.', { dynamic: 'cluster-wide', valid: atLeast(0) }),
  string('max.connections.per.ip.overrides', '', 'Other limits for single addresses, as host:number.', { dynamic: 'cluster-wide' }),
  int('max.incremental.fetch.session.cache.slots', 1000, 'Most fetch sessions a broker keeps.', { valid: atLeast(0) }),
  int('max.request.partition.size.limit', 2000, 'Most partitions in one answer of DescribeTopicPartitions.', { valid: atLeast(1) }),
  int('num.io.threads', 8, 'Threads that handle requests.', { importance: 'HIGH', dynamic: 'cluster-wide', valid: atLeast(1) }),
  int('num.network.threads', 3, 'Threads that read requests and write answers, for each listener.', { importance: 'HIGH', dynamic: 'cluster-wide', valid: atLeast(1) }),
  long('queued.max.request.bytes', -1, 'Bytes of queued requests beyond which nothing more is read; -1 for no limit.'),
  int('queued.max.requests', 500, 'Queued requests beyond which nothing more is read.', { importance: 'HIGH', valid: atLeast(1) }),
  int('request.timeout.ms', 30_000, 'How long a request to another node waits for its answer.', { importance: 'HIGH' }),
  long('socket.connection.setup.timeout.max.ms', 30_000, 'The longest a connection to another node may take to be made.'),
  long('socket.connection.setup.timeout.ms', 10_000, 'How long a connection to another node may take at first.'),
  int('socket.listen.backlog.size', 50, 'Connections that may wait to be accepted.', { valid: atLeast(1) }),
  int('socket.receive.buffer.bytes', 102_400, 'Socket receive buffer; -1 leaves it to the system.', { importance: 'HIGH' }),
  int('socket.request.max.bytes', 104_857_600, 'The largest request.', { importance: 'HIGH', valid: atLeast(1) }),
  int('socket.send.buffer.bytes', 102_400, 'Socket send buffer; -1 leaves it to the system.', { importance: 'HIGH' }),
];
