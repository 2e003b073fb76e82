import { int, list, long, string } from '../config-key.ts';
import { atStart, live, noEffect, refused } from '../config-obedience.ts';
import { atLeast, perAddress } from '../config-valid.ts';
import { assigned, oneEventLoop } from '../not-built.ts';

/** Listeners, sockets and requests. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const networkConfigs = {
  advertisedListeners: list('advertised.listeners', null, 'Addresses told to clients, where they differ from those that are bound.', refused(assigned), { importance: 'HIGH' }),
  connectionsMaxIdleMs: long('connections.max.idle.ms', 600_000, 'Idle time after which a connection is closed.', atStart),
  fetchMaxBytes: int('fetch.max.bytes', 57_671_680, 'The most bytes of one fetch answer.', atStart, { valid: atLeast(1024) }),
  interBrokerListenerName: string('inter.broker.listener.name', null, 'The listener brokers use among themselves.', refused(assigned)),
  listenerSecurityProtocolMap: string('listener.security.protocol.map', 'SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT', 'The security protocol of each listener name.', refused(assigned), { importance: 'LOW', dynamic: 'per-broker' }),
  listeners: list('listeners', 'PLAINTEXT://:9092', 'Addresses the broker binds, each with the name of its listener.', refused(assigned), { importance: 'HIGH', dynamic: 'per-broker' }),
  maxConnectionCreationRate: int('max.connection.creation.rate', 2_147_483_647, 'Most new connections a second.', live, { dynamic: 'cluster-wide', valid: atLeast(0) }),
  maxConnections: int('max.connections', 2_147_483_647, 'Most connections of the broker.', live, { dynamic: 'cluster-wide', valid: atLeast(0) }),
  maxConnectionsPerIp: int('max.connections.per.ip', 2_147_483_647, 'Most connections from one address.', live, { dynamic: 'cluster-wide', valid: atLeast(0) }),
  maxConnectionsPerIpOverrides: string('max.connections.per.ip.overrides', '', 'Other limits for single addresses, as address:number.', live, { dynamic: 'cluster-wide', valid: perAddress }),
  maxIncrementalFetchSessionCacheSlots: int('max.incremental.fetch.session.cache.slots', 1000, 'Most fetch sessions a broker keeps.', atStart, { valid: atLeast(0) }),
  maxRequestPartitionSizeLimit: int('max.request.partition.size.limit', 2000, 'Most partitions in one answer of DescribeTopicPartitions.', atStart, { valid: atLeast(1) }),
  numIoThreads: int('num.io.threads', 8, 'Threads that handle requests.', noEffect(oneEventLoop), { importance: 'HIGH', dynamic: 'cluster-wide', valid: atLeast(1) }),
  numNetworkThreads: int('num.network.threads', 3, 'Threads that read requests and write answers, for each listener.', noEffect(oneEventLoop), { importance: 'HIGH', dynamic: 'cluster-wide', valid: atLeast(1) }),
  queuedMaxRequestBytes: long('queued.max.request.bytes', -1, 'Bytes of unanswered requests beyond which no more are begun; -1 for 128 MB.', atStart),
  queuedMaxRequests: int('queued.max.requests', 500, 'Queued requests beyond which nothing more is read.', noEffect("Requests do not wait in a queue between threads"), { importance: 'HIGH', valid: atLeast(1) }),
  requestTimeoutMs: int('request.timeout.ms', 30_000, 'How long a request to another node waits for its answer.', atStart, { importance: 'HIGH' }),
  socketConnectionSetupTimeoutMaxMs: long('socket.connection.setup.timeout.max.ms', 30_000, 'The longest a connection to another node may take to be made.', noEffect("Brokers give up connecting to each other after a fixed time")),
  socketConnectionSetupTimeoutMs: long('socket.connection.setup.timeout.ms', 10_000, 'How long a connection to another node may take at first.', noEffect("Brokers give up connecting to each other after a fixed time")),
  socketListenBacklogSize: int('socket.listen.backlog.size', 50, 'Connections that may wait to be accepted.', noEffect("The operating system sizes the buffers and queues of sockets"), { valid: atLeast(1) }),
  socketReceiveBufferBytes: int('socket.receive.buffer.bytes', 102_400, 'Socket receive buffer; -1 leaves it to the system.', noEffect("The operating system sizes the buffers and queues of sockets"), { importance: 'HIGH' }),
  socketRequestMaxBytes: int('socket.request.max.bytes', 104_857_600, 'The largest request.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
  socketSendBufferBytes: int('socket.send.buffer.bytes', 102_400, 'Socket send buffer; -1 leaves it to the system.', noEffect("The operating system sizes the buffers and queues of sockets"), { importance: 'HIGH' }),
} as const;
