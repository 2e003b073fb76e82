// Written by scripts/config-types.ts from the tables in src/metadata/configs; a test holds the two together.

/** A boolean, or Kafka's text of it. */
type Flag = boolean | 'true' | 'false';
/** A number, or Kafka's text of it. */
type Amount = number | bigint | `${number}`;

/** Broker configs by their names. */
export interface BrokerConfig {
  /** The longest wait before the check of a transaction is tried again. Default: 100 */
  readonly 'add.partitions.to.txn.retry.backoff.max.ms'?: Amount;
  /** The first wait before the check of a transaction is tried again. Default: 20 */
  readonly 'add.partitions.to.txn.retry.backoff.ms'?: Amount;
  /** Whether a resource without an ACL is open to everybody. Default: false */
  readonly 'allow.everyone.if.no.acl.found'?: Flag;
  /** A class that may refuse changes of configs. */
  readonly 'alter.config.policy.class.name'?: string;
  /** Samples kept for the quota of moves between log directories. Default: 11 */
  readonly 'alter.log.dirs.replication.quota.window.num'?: Amount;
  /** Length of a sample of that quota. Default: 1 */
  readonly 'alter.log.dirs.replication.quota.window.size.seconds'?: Amount;
  /** The authorizer; StandardAuthorizer keeps ACLs, without one everybody may do everything. */
  readonly 'authorizer.class.name'?: string;
  /** Whether a topic is made when a client asks for one that does not exist. Default: true */
  readonly 'auto.create.topics.enable'?: Flag;
  /** Whether leadership moves back to preferred replicas by itself. Default: true */
  readonly 'auto.leader.rebalance.enable'?: Flag;
  /** Threads for tasks in the background. Default: 10 */
  readonly 'background.threads'?: Amount;
  /** How often a broker tells the controller that it lives; at least four times in broker.session.timeout.ms. Default: 2000 */
  readonly 'broker.heartbeat.interval.ms'?: Amount;
  /** How long a broker may be silent before the controller fences it. Default: 9000 */
  readonly 'broker.session.timeout.ms'?: Amount;
  /** A class that decides the quotas of clients. */
  readonly 'client.quota.callback.class'?: string;
  /** Level used when the broker itself compresses with gzip. Default: -1 */
  readonly 'compression.gzip.level'?: Amount;
  /** Level used when the broker itself compresses with lz4. Default: 9 */
  readonly 'compression.lz4.level'?: Amount;
  /** The codec of stored batches unless the topic says otherwise; 'producer' keeps the producer's. Default: producer */
  readonly 'compression.type'?: string;
  /** Level used when the broker itself compresses with zstd. Default: 3 */
  readonly 'compression.zstd.level'?: Amount;
  /** Names of providers that configs may refer to. */
  readonly 'config.providers'?: string;
  /** How long the answer to a failed sign-in is held back. Default: 100 */
  readonly 'connection.failed.authentication.delay.ms'?: Amount;
  /** Idle time after which a connection is closed. Default: 600000 */
  readonly 'connections.max.idle.ms'?: Amount;
  /** Time after which a SASL connection has to sign in again; 0 for never. Default: 0 */
  readonly 'connections.max.reauth.ms'?: Amount;
  /** Whether a broker hands over its partitions before it stops. Default: true */
  readonly 'controlled.shutdown.enable'?: Flag;
  /** How long the leader of the quorum gathers records before it writes them. Default: 25 */
  readonly 'controller.quorum.append.linger.ms'?: Amount;
  /** Whether a controller joins the voters by itself. Default: false */
  readonly 'controller.quorum.auto.join.enable'?: Flag;
  /** The longest wait before another election of the quorum. Default: 1000 */
  readonly 'controller.quorum.election.backoff.max.ms'?: Amount;
  /** How long a candidate waits for votes. Default: 1000 */
  readonly 'controller.quorum.election.timeout.ms'?: Amount;
  /** The most bytes of one fetch of the metadata log. Default: 1048576 */
  readonly 'controller.quorum.fetch.max.bytes'?: Amount;
  /** The most bytes of one fetch of a metadata snapshot. Default: 1048576 */
  readonly 'controller.quorum.fetch.snapshot.max.bytes'?: Amount;
  /** How long a voter goes without a fetch from the leader before it calls an election. Default: 2000 */
  readonly 'controller.quorum.fetch.timeout.ms'?: Amount;
  /** How long a request in the quorum waits for its answer. Default: 2000 */
  readonly 'controller.quorum.request.timeout.ms'?: Amount;
  /** Wait before a failed request in the quorum is sent again. Default: 20 */
  readonly 'controller.quorum.retry.backoff.ms'?: Amount;
  /** Samples kept for the quota of changes of partitions. Default: 11 */
  readonly 'controller.quota.window.num'?: Amount;
  /** Length of a sample of that quota. Default: 1 */
  readonly 'controller.quota.window.size.seconds'?: Amount;
  /** Socket timeout of requests between controller and brokers. Default: 30000 */
  readonly 'controller.socket.timeout.ms'?: Amount;
  /** Log directories that take no new replicas. */
  readonly 'cordoned.log.dirs'?: string;
  /** A class that may refuse new topics. */
  readonly 'create.topic.policy.class.name'?: string;
  /** Replicas of a partition where the request does not say. Default: 1 */
  readonly 'default.replication.factor'?: Amount;
  /** How often expired delegation tokens are removed. Default: 3600000 */
  readonly 'delegation.token.expiry.check.interval.ms'?: Amount;
  /** How long a delegation token lives unless it is renewed. Default: 86400000 */
  readonly 'delegation.token.expiry.time.ms'?: Amount;
  /** How long a delegation token can live at most. Default: 604800000 */
  readonly 'delegation.token.max.lifetime.ms'?: Amount;
  /** The secret that signs delegation tokens. */
  readonly 'delegation.token.secret.key'?: string;
  /** After how many requests the waiting DeleteRecords are cleaned up. Default: 1 */
  readonly 'delete.records.purgatory.purge.interval.requests'?: Amount;
  /** Whether topics can be deleted. Default: true */
  readonly 'delete.topic.enable'?: Flag;
  /** Listeners that open before the authorizer is ready. */
  readonly 'early.start.listeners'?: string;
  /** The most bytes of one fetch answer. Default: 57671680 */
  readonly 'fetch.max.bytes'?: Amount;
  /** After how many requests the waiting fetches are cleaned up. Default: 1000 */
  readonly 'fetch.purgatory.purge.interval.requests'?: Amount;
  /** Whether a new follower of a tiered topic begins at what is not in remote storage yet. Default: false */
  readonly 'follower.fetch.last.tiered.offset.enable'?: Flag;
  /** The time between two assignments of a consumer group, unless the group says otherwise. Default: 1000 */
  readonly 'group.consumer.assignment.interval.ms'?: Amount;
  /** Assignors of consumer groups; the first is the default. Default: uniform,range */
  readonly 'group.consumer.assignors'?: string;
  /** The time between heartbeats of a member of a consumer group, unless the group says otherwise. Default: 5000 */
  readonly 'group.consumer.heartbeat.interval.ms'?: Amount;
  /** The most that may be set for the time between two assignments of a consumer group. Default: 15000 */
  readonly 'group.consumer.max.assignment.interval.ms'?: Amount;
  /** The most that may be set for the time between heartbeats of a member of a consumer group. Default: 15000 */
  readonly 'group.consumer.max.heartbeat.interval.ms'?: Amount;
  /** The most that may be set for the silence after which a member of a consumer group is removed. Default: 60000 */
  readonly 'group.consumer.max.session.timeout.ms'?: Amount;
  /** Most members of a consumer group. Default: 2147483647 */
  readonly 'group.consumer.max.size'?: Amount;
  /** Which way groups may change between the classic and the consumer protocol. Default: bidirectional */
  readonly 'group.consumer.migration.policy'?: string;
  /** The least that may be set for the time between two assignments of a consumer group. Default: 0 */
  readonly 'group.consumer.min.assignment.interval.ms'?: Amount;
  /** The least that may be set for the time between heartbeats of a member of a consumer group. Default: 5000 */
  readonly 'group.consumer.min.heartbeat.interval.ms'?: Amount;
  /** The least that may be set for the silence after which a member of a consumer group is removed. Default: 45000 */
  readonly 'group.consumer.min.session.timeout.ms'?: Amount;
  /** The silence after which a member of a consumer group is removed, unless the group says otherwise. Default: 45000 */
  readonly 'group.consumer.session.timeout.ms'?: Amount;
  /** How long the coordinator gathers records before it writes them; -1 adapts. Default: -1 */
  readonly 'group.coordinator.append.linger.ms'?: Amount;
  /** Threads for assignments off the coordinator's own. Default: 2 */
  readonly 'group.coordinator.background.threads'?: Amount;
  /** The largest write buffer the group coordinator keeps. Default: 1048588 */
  readonly 'group.coordinator.cached.buffer.max.bytes'?: Amount;
  /** Group protocols that are enabled. Default: classic,consumer,streams */
  readonly 'group.coordinator.rebalance.protocols'?: string;
  /** Threads of the group coordinator. Default: 4 */
  readonly 'group.coordinator.threads'?: Amount;
  /** How long the first rebalance of an empty classic group waits for more members. Default: 3000 */
  readonly 'group.initial.rebalance.delay.ms'?: Amount;
  /** The longest session timeout a classic member may ask for. Default: 1800000 */
  readonly 'group.max.session.timeout.ms'?: Amount;
  /** Most members of a classic group. Default: 2147483647 */
  readonly 'group.max.size'?: Amount;
  /** The shortest session timeout a classic member may ask for. Default: 6000 */
  readonly 'group.min.session.timeout.ms'?: Amount;
  /** The time between two assignments of a share group, unless the group says otherwise. Default: 1000 */
  readonly 'group.share.assignment.interval.ms'?: Amount;
  /** Assignors of share groups. Default: simple */
  readonly 'group.share.assignors'?: string;
  /** How often a record is delivered to a share group before it is given up. Default: 5 */
  readonly 'group.share.delivery.count.limit'?: Amount;
  /** The time between heartbeats of a member of a share group, unless the group says otherwise. Default: 5000 */
  readonly 'group.share.heartbeat.interval.ms'?: Amount;
  /** The most that may be set for the time between two assignments of a share group. Default: 15000 */
  readonly 'group.share.max.assignment.interval.ms'?: Amount;
  /** The most that may be set for the number of deliveries of a record. Default: 10 */
  readonly 'group.share.max.delivery.count.limit'?: Amount;
  /** The most that may be set for the time between heartbeats of a member of a share group. Default: 15000 */
  readonly 'group.share.max.heartbeat.interval.ms'?: Amount;
  /** The most that may be set for the number of records of a partition in delivery. Default: 4000 */
  readonly 'group.share.max.partition.max.record.locks'?: Amount;
  /** The most that may be set for the time a delivered record stays locked. Default: 60000 */
  readonly 'group.share.max.record.lock.duration.ms'?: Amount;
  /** The most that may be set for the silence after which a member of a share group is removed. Default: 60000 */
  readonly 'group.share.max.session.timeout.ms'?: Amount;
  /** Most share sessions of a broker. Default: 2000 */
  readonly 'group.share.max.share.sessions'?: Amount;
  /** Most members of a share group. Default: 200 */
  readonly 'group.share.max.size'?: Amount;
  /** The least that may be set for the time between two assignments of a share group. Default: 0 */
  readonly 'group.share.min.assignment.interval.ms'?: Amount;
  /** The least that may be set for the number of deliveries of a record. Default: 2 */
  readonly 'group.share.min.delivery.count.limit'?: Amount;
  /** The least that may be set for the time between heartbeats of a member of a share group. Default: 5000 */
  readonly 'group.share.min.heartbeat.interval.ms'?: Amount;
  /** The least that may be set for the number of records of a partition in delivery. Default: 100 */
  readonly 'group.share.min.partition.max.record.locks'?: Amount;
  /** The least that may be set for the time a delivered record stays locked. Default: 15000 */
  readonly 'group.share.min.record.lock.duration.ms'?: Amount;
  /** The least that may be set for the silence after which a member of a share group is removed. Default: 45000 */
  readonly 'group.share.min.session.timeout.ms'?: Amount;
  /** How many records of a partition a share group may have in delivery. Default: 2000 */
  readonly 'group.share.partition.max.record.locks'?: Amount;
  /** How long a delivered record stays locked for its consumer. Default: 30000 */
  readonly 'group.share.record.lock.duration.ms'?: Amount;
  /** The silence after which a member of a share group is removed, unless the group says otherwise. Default: 45000 */
  readonly 'group.share.session.timeout.ms'?: Amount;
  /** The time between two assignments of a streams group, unless the group says otherwise. Default: 1000 */
  readonly 'group.streams.assignment.interval.ms'?: Amount;
  /** The time between heartbeats of a member of a streams group, unless the group says otherwise. Default: 5000 */
  readonly 'group.streams.heartbeat.interval.ms'?: Amount;
  /** How long the first assignment of a streams group waits for more members. Default: 3000 */
  readonly 'group.streams.initial.rebalance.delay.ms'?: Amount;
  /** The most that may be set for the time between two assignments of a streams group. Default: 15000 */
  readonly 'group.streams.max.assignment.interval.ms'?: Amount;
  /** The most that may be set for the time between heartbeats of a member of a streams group. Default: 15000 */
  readonly 'group.streams.max.heartbeat.interval.ms'?: Amount;
  /** The most that may be set for the silence after which a member of a streams group is removed. Default: 60000 */
  readonly 'group.streams.max.session.timeout.ms'?: Amount;
  /** Most members of a streams group. Default: 2147483647 */
  readonly 'group.streams.max.size'?: Amount;
  /** Most standby copies a streams group may ask for. Default: 2 */
  readonly 'group.streams.max.standby.replicas'?: Amount;
  /** The least that may be set for the time between two assignments of a streams group. Default: 0 */
  readonly 'group.streams.min.assignment.interval.ms'?: Amount;
  /** The least that may be set for the time between heartbeats of a member of a streams group. Default: 5000 */
  readonly 'group.streams.min.heartbeat.interval.ms'?: Amount;
  /** The least that may be set for the silence after which a member of a streams group is removed. Default: 45000 */
  readonly 'group.streams.min.session.timeout.ms'?: Amount;
  /** Standby copies of each stateful task. Default: 0 */
  readonly 'group.streams.num.standby.replicas'?: Amount;
  /** The silence after which a member of a streams group is removed, unless the group says otherwise. Default: 45000 */
  readonly 'group.streams.session.timeout.ms'?: Amount;
  /** How long a broker tries to register before it gives up starting. Default: 60000 */
  readonly 'initial.broker.registration.timeout.ms'?: Amount;
  /** How often the metrics reporters of the old kind are asked. Default: 10 */
  readonly 'kafka.metrics.polling.interval.secs'?: Amount;
  /** Metrics reporters of the old kind. */
  readonly 'kafka.metrics.reporters'?: string;
  /** How often leadership is compared with the preferred replicas. Default: 300 */
  readonly 'leader.imbalance.check.interval.seconds'?: Amount;
  /** How long the cleaner sleeps when there is nothing to do. Default: 15000 */
  readonly 'log.cleaner.backoff.ms'?: Amount;
  /** Memory for the key maps of all cleaner threads. Default: 134217728 */
  readonly 'log.cleaner.dedupe.buffer.size'?: Amount;
  /** How long the deletion of a key stays readable in compacted topics. Default: 86400000 */
  readonly 'log.cleaner.delete.retention.ms'?: Amount;
  /** Whether compaction runs. Default: true */
  readonly 'log.cleaner.enable'?: Flag;
  /** How full a key map may become. Default: 0.9 */
  readonly 'log.cleaner.io.buffer.load.factor'?: Amount;
  /** Memory for reading and writing of all cleaner threads. Default: 524288 */
  readonly 'log.cleaner.io.buffer.size'?: Amount;
  /** How much the cleaner may read and write. Default: 1.7976931348623157E308 */
  readonly 'log.cleaner.io.max.bytes.per.second'?: Amount;
  /** The longest a record may wait for compaction. Default: 9223372036854775807 */
  readonly 'log.cleaner.max.compaction.lag.ms'?: Amount;
  /** The share of a log that must be uncompacted before the cleaner takes it on. Default: 0.5 */
  readonly 'log.cleaner.min.cleanable.ratio'?: Amount;
  /** How long a record stays uncompacted at least. Default: 0 */
  readonly 'log.cleaner.min.compaction.lag.ms'?: Amount;
  /** Threads of the cleaner. Default: 1 */
  readonly 'log.cleaner.threads'?: Amount;
  /** What becomes of old segments: delete, compact, or both. Default: delete */
  readonly 'log.cleanup.policy'?: string;
  /** How long a failed directory may go unreported before the broker stops. Default: 30000 */
  readonly 'log.dir.failure.timeout.ms'?: Amount;
  /** Forces a log to the device after this many records. Default: 9223372036854775807 */
  readonly 'log.flush.interval.messages'?: Amount;
  /** Forces a log to the device after this many milliseconds. */
  readonly 'log.flush.interval.ms'?: Amount;
  /** How often recovery points are saved. Default: 60000 */
  readonly 'log.flush.offset.checkpoint.interval.ms'?: Amount;
  /** How often logs are looked at for flushing; every 500 ms unless it is set. Default: 9223372036854775807 */
  readonly 'log.flush.scheduler.interval.ms'?: Amount;
  /** How often log start offsets are saved. Default: 60000 */
  readonly 'log.flush.start.offset.checkpoint.interval.ms'?: Amount;
  /** Bytes of log between two entries of the offset index. Default: 4096 */
  readonly 'log.index.interval.bytes'?: Amount;
  /** The largest size of the index files of a segment. Default: 10485760 */
  readonly 'log.index.size.max.bytes'?: Amount;
  /** Bytes kept on local disks of tiered topics; -2 takes log.retention.bytes. Default: -2 */
  readonly 'log.local.retention.bytes'?: Amount;
  /** Time kept on local disks of tiered topics; -2 takes log.retention.ms. Default: -2 */
  readonly 'log.local.retention.ms'?: Amount;
  /** How far a record's timestamp may lie ahead of the broker's clock. Default: 3600000 */
  readonly 'log.message.timestamp.after.max.ms'?: Amount;
  /** How far a record's timestamp may lie behind the broker's clock. Default: 9223372036854775807 */
  readonly 'log.message.timestamp.before.max.ms'?: Amount;
  /** Whether timestamps are the producer's or the time of the append. Default: CreateTime */
  readonly 'log.message.timestamp.type'?: string;
  /** Whether the space of a new segment is reserved when it is made. Default: false */
  readonly 'log.preallocate'?: Flag;
  /** The size of a partition beyond which old segments are deleted; -1 for no limit. Default: -1 */
  readonly 'log.retention.bytes'?: Amount;
  /** How often logs are looked at for old segments. Default: 300000 */
  readonly 'log.retention.check.interval.ms'?: Amount;
  /** Hours after which segments are deleted, where neither ms nor minutes are set. Default: 168 */
  readonly 'log.retention.hours'?: Amount;
  /** Minutes after which segments are deleted, where ms is not set. */
  readonly 'log.retention.minutes'?: Amount;
  /** Milliseconds after which segments are deleted; -1 for no limit. */
  readonly 'log.retention.ms'?: Amount;
  /** Hours after which a new segment is begun, where ms is not set. Default: 168 */
  readonly 'log.roll.hours'?: Amount;
  /** Hours of random time taken off that, where ms is not set. Default: 0 */
  readonly 'log.roll.jitter.hours'?: Amount;
  /** Random time taken off the time after which a segment rolls. */
  readonly 'log.roll.jitter.ms'?: Amount;
  /** Milliseconds after which a new segment is begun. */
  readonly 'log.roll.ms'?: Amount;
  /** The size at which a new segment is begun. Default: 1073741824 */
  readonly 'log.segment.bytes'?: Amount;
  /** How long the files of a deleted segment stay on disk. Default: 60000 */
  readonly 'log.segment.delete.delay.ms'?: Amount;
  /** Most new connections a second. Default: 2147483647 */
  readonly 'max.connection.creation.rate'?: Amount;
  /** Most connections of the broker. Default: 2147483647 */
  readonly 'max.connections'?: Amount;
  /** Most connections from one address. Default: 2147483647 */
  readonly 'max.connections.per.ip'?: Amount;
  /** Other limits for single addresses, as address:number. */
  readonly 'max.connections.per.ip.overrides'?: string;
  /** Most fetch sessions a broker keeps. Default: 1000 */
  readonly 'max.incremental.fetch.session.cache.slots'?: Amount;
  /** Most partitions in one answer of DescribeTopicPartitions. Default: 2000 */
  readonly 'max.request.partition.size.limit'?: Amount;
  /** The largest record batch, as it was compressed by the producer. Default: 1048588 */
  readonly 'message.max.bytes'?: Amount;
  /** Bytes of new metadata records after which a snapshot is made. Default: 20971520 */
  readonly 'metadata.log.max.record.bytes.between.snapshots'?: Amount;
  /** Time after which a snapshot is made if anything changed; 0 for never. Default: 3600000 */
  readonly 'metadata.log.max.snapshot.interval.ms'?: Amount;
  /** Segment size of the metadata log. Default: 1073741824 */
  readonly 'metadata.log.segment.bytes'?: Amount;
  /** The age at which the metadata log begins a new segment. Default: 604800000 */
  readonly 'metadata.log.segment.ms'?: Amount;
  /** How often the active controller writes a record when nothing happens; 0 for never. Default: 500 */
  readonly 'metadata.max.idle.interval.ms'?: Amount;
  /** Bytes of metadata log and snapshots beyond which old ones are deleted. Default: 104857600 */
  readonly 'metadata.max.retention.bytes'?: Amount;
  /** Age beyond which old metadata log and snapshots are deleted. Default: 604800000 */
  readonly 'metadata.max.retention.ms'?: Amount;
  /** Classes that metrics are reported to. Default: org.apache.kafka.common.metrics.JmxReporter */
  readonly 'metric.reporters'?: string;
  /** Samples kept for a metric. Default: 2 */
  readonly 'metrics.num.samples'?: Amount;
  /** The least level of metrics that are recorded. Default: INFO */
  readonly 'metrics.recording.level'?: string;
  /** Length of a sample of a metric. Default: 30000 */
  readonly 'metrics.sample.window.ms'?: Amount;
  /** In-sync replicas that a produce request with acks=all needs. Default: 1 */
  readonly 'min.insync.replicas'?: Amount;
  /** Threads that handle requests. Default: 8 */
  readonly 'num.io.threads'?: Amount;
  /** Threads that read requests and write answers, for each listener. Default: 3 */
  readonly 'num.network.threads'?: Amount;
  /** Partitions of a topic where the request does not say. Default: 1 */
  readonly 'num.partitions'?: Amount;
  /** Threads that load and recover logs, for each directory. Default: 2 */
  readonly 'num.recovery.threads.per.data.dir'?: Amount;
  /** Threads that move replicas between directories. */
  readonly 'num.replica.alter.log.dirs.threads'?: Amount;
  /** Threads that fetch from each other broker. Default: 1 */
  readonly 'num.replica.fetchers'?: Amount;
  /** The longest metadata of a committed offset. Default: 4096 */
  readonly 'offset.metadata.max.bytes'?: Amount;
  /** How long a commit waits for the replicas of its partition. Default: 5000 */
  readonly 'offsets.commit.timeout.ms'?: Amount;
  /** Size of the reads when committed offsets are loaded. Default: 5242880 */
  readonly 'offsets.load.buffer.size'?: Amount;
  /** How often expired offsets are looked for. Default: 600000 */
  readonly 'offsets.retention.check.interval.ms'?: Amount;
  /** How long offsets of an empty group are kept. Default: 10080 */
  readonly 'offsets.retention.minutes'?: Amount;
  /** The codec of the offsets topic, by number. Default: 0 */
  readonly 'offsets.topic.compression.codec'?: Amount;
  /** Partitions of the offsets topic. Default: 50 */
  readonly 'offsets.topic.num.partitions'?: Amount;
  /** Replicas of the offsets topic. Default: 3 */
  readonly 'offsets.topic.replication.factor'?: Amount;
  /** Segment size of the offsets topic. Default: 104857600 */
  readonly 'offsets.topic.segment.bytes'?: Amount;
  /** The class that makes a principal of an authenticated connection. Default: org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder */
  readonly 'principal.builder.class'?: string;
  /** How long a partition remembers the sequences of an idle producer. Default: 86400000 */
  readonly 'producer.id.expiration.ms'?: Amount;
  /** After how many requests the waiting produces are cleaned up. Default: 1000 */
  readonly 'producer.purgatory.purge.interval.requests'?: Amount;
  /** Bytes of unanswered requests beyond which no more are begun; -1 for 128 MB. Default: -1 */
  readonly 'queued.max.request.bytes'?: Amount;
  /** Queued requests beyond which nothing more is read. Default: 500 */
  readonly 'queued.max.requests'?: Amount;
  /** Samples kept for client quotas. Default: 11 */
  readonly 'quota.window.num'?: Amount;
  /** Length of a sample of client quotas. Default: 1 */
  readonly 'quota.window.size.seconds'?: Amount;
  /** How long a fetch waits for remote storage. Default: 500 */
  readonly 'remote.fetch.max.wait.ms'?: Amount;
  /** How long a search for an offset waits for remote storage. Default: 30000 */
  readonly 'remote.list.offsets.request.timeout.ms'?: Amount;
  /** Disk space for indexes fetched from remote storage. Default: 1073741824 */
  readonly 'remote.log.index.file.cache.total.size.bytes'?: Amount;
  /** Threads that copy to remote storage. Default: 10 */
  readonly 'remote.log.manager.copier.thread.pool.size'?: Amount;
  /** How fast segments may be copied to remote storage. Default: 9223372036854775807 */
  readonly 'remote.log.manager.copy.max.bytes.per.second'?: Amount;
  /** Samples kept for that quota. Default: 11 */
  readonly 'remote.log.manager.copy.quota.window.num'?: Amount;
  /** Length of a sample of that quota. Default: 1 */
  readonly 'remote.log.manager.copy.quota.window.size.seconds'?: Amount;
  /** Threads that delete from remote storage. Default: 10 */
  readonly 'remote.log.manager.expiration.thread.pool.size'?: Amount;
  /** How fast segments may be fetched from remote storage. Default: 9223372036854775807 */
  readonly 'remote.log.manager.fetch.max.bytes.per.second'?: Amount;
  /** Samples kept for that quota. Default: 11 */
  readonly 'remote.log.manager.fetch.quota.window.num'?: Amount;
  /** Length of a sample of that quota. Default: 1 */
  readonly 'remote.log.manager.fetch.quota.window.size.seconds'?: Amount;
  /** Threads that prepare followers of tiered partitions. Default: 2 */
  readonly 'remote.log.manager.follower.thread.pool.size'?: Amount;
  /** How often segments to copy or delete are looked for. Default: 30000 */
  readonly 'remote.log.manager.task.interval.ms'?: Amount;
  /** Threads of the remote log manager. Default: 2 */
  readonly 'remote.log.manager.thread.pool.size'?: Amount;
  /** Most bytes of metadata a storage plugin may add to a segment. Default: 128 */
  readonly 'remote.log.metadata.custom.metadata.max.bytes'?: Amount;
  /** The class that keeps the list of remote segments. Default: org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager */
  readonly 'remote.log.metadata.manager.class.name'?: string;
  /** Where that class is found. */
  readonly 'remote.log.metadata.manager.class.path'?: string;
  /** How the names of its own configs begin. Default: rlmm.config. */
  readonly 'remote.log.metadata.manager.impl.prefix'?: string;
  /** The listener it uses to reach the brokers. */
  readonly 'remote.log.metadata.manager.listener.name'?: string;
  /** Most reads of remote storage that may wait. Default: 100 */
  readonly 'remote.log.reader.max.pending.tasks'?: Amount;
  /** Threads that read from remote storage. Default: 10 */
  readonly 'remote.log.reader.threads'?: Amount;
  /** The class that stores remote segments. */
  readonly 'remote.log.storage.manager.class.name'?: string;
  /** Where that class is found. */
  readonly 'remote.log.storage.manager.class.path'?: string;
  /** How the names of its own configs begin. Default: rsm.config. */
  readonly 'remote.log.storage.manager.impl.prefix'?: string;
  /** Whether tiered storage is available at all. Default: false */
  readonly 'remote.log.storage.system.enable'?: Flag;
  /** How long a fetcher waits after an error. Default: 1000 */
  readonly 'replica.fetch.backoff.ms'?: Amount;
  /** Bytes a follower tries to fetch of one partition. Default: 1048576 */
  readonly 'replica.fetch.max.bytes'?: Amount;
  /** Bytes that a fetch of a follower waits for. Default: 1 */
  readonly 'replica.fetch.min.bytes'?: Amount;
  /** Bytes a follower wants in one whole answer. Default: 10485760 */
  readonly 'replica.fetch.response.max.bytes'?: Amount;
  /** How long a fetch of a follower waits for data. Default: 500 */
  readonly 'replica.fetch.wait.max.ms'?: Amount;
  /** How often high watermarks are saved. Default: 5000 */
  readonly 'replica.high.watermark.checkpoint.interval.ms'?: Amount;
  /** How long a follower may be behind before it leaves the ISR. Default: 30000 */
  readonly 'replica.lag.time.max.ms'?: Amount;
  /** The class that chooses the replica a consumer reads from: the leader, or the closest one by rack. */
  readonly 'replica.selector.class'?: string;
  /** Socket receive buffer of fetchers. Default: 65536 */
  readonly 'replica.socket.receive.buffer.bytes'?: Amount;
  /** Socket timeout of fetchers. Default: 30000 */
  readonly 'replica.socket.timeout.ms'?: Amount;
  /** Samples kept for replication quotas. Default: 11 */
  readonly 'replication.quota.window.num'?: Amount;
  /** Length of a sample of replication quotas. Default: 1 */
  readonly 'replication.quota.window.size.seconds'?: Amount;
  /** How long a request to another node waits for its answer. Default: 30000 */
  readonly 'request.timeout.ms'?: Amount;
  /** Callback handler of SASL clients. */
  readonly 'sasl.client.callback.handler.class'?: string;
  /** SASL mechanisms that clients may use. Default: GSSAPI */
  readonly 'sasl.enabled.mechanisms'?: string;
  /** The JAAS login of a listener and mechanism. */
  readonly 'sasl.jaas.config'?: string;
  /** The kinit command. Default: /usr/bin/kinit */
  readonly 'sasl.kerberos.kinit.cmd'?: string;
  /** Least time between two attempts to refresh a ticket. Default: 60000 */
  readonly 'sasl.kerberos.min.time.before.relogin'?: Amount;
  /** Rules that make short names of Kerberos principals. Default: DEFAULT */
  readonly 'sasl.kerberos.principal.to.local.rules'?: string;
  /** The Kerberos name the brokers run as. */
  readonly 'sasl.kerberos.service.name'?: string;
  /** How much the time of renewal varies. Default: 0.05 */
  readonly 'sasl.kerberos.ticket.renew.jitter'?: Amount;
  /** The share of a ticket's life after which it is renewed. Default: 0.8 */
  readonly 'sasl.kerberos.ticket.renew.window.factor'?: Amount;
  /** Callback handler of SASL logins. */
  readonly 'sasl.login.callback.handler.class'?: string;
  /** The class that logs in. */
  readonly 'sasl.login.class'?: string;
  /** How long a login waits to connect to its provider. */
  readonly 'sasl.login.connect.timeout.ms'?: Amount;
  /** How long a login waits for its provider's answer. */
  readonly 'sasl.login.read.timeout.ms'?: Amount;
  /** Time left of a token when it is refreshed at the latest. Default: 300 */
  readonly 'sasl.login.refresh.buffer.seconds'?: Amount;
  /** Least time between two refreshes of a token. Default: 60 */
  readonly 'sasl.login.refresh.min.period.seconds'?: Amount;
  /** The share of a token's life after which it is refreshed. Default: 0.8 */
  readonly 'sasl.login.refresh.window.factor'?: Amount;
  /** How much the time of the refresh varies. Default: 0.05 */
  readonly 'sasl.login.refresh.window.jitter'?: Amount;
  /** The longest wait before a login is tried again. Default: 10000 */
  readonly 'sasl.login.retry.backoff.max.ms'?: Amount;
  /** The first wait before a login is tried again. Default: 100 */
  readonly 'sasl.login.retry.backoff.ms'?: Amount;
  /** The SASL mechanism towards controllers. Default: GSSAPI */
  readonly 'sasl.mechanism.controller.protocol'?: string;
  /** The SASL mechanism between brokers. Default: GSSAPI */
  readonly 'sasl.mechanism.inter.broker.protocol'?: string;
  /** The algorithm that signs an assertion. Default: RS256 */
  readonly 'sasl.oauthbearer.assertion.algorithm'?: string;
  /** The audience of an assertion. */
  readonly 'sasl.oauthbearer.assertion.claim.aud'?: string;
  /** How long an assertion is valid. Default: 300 */
  readonly 'sasl.oauthbearer.assertion.claim.exp.seconds'?: Amount;
  /** The issuer of an assertion. */
  readonly 'sasl.oauthbearer.assertion.claim.iss'?: string;
  /** Whether an assertion has an id of its own. Default: false */
  readonly 'sasl.oauthbearer.assertion.claim.jti.include'?: Flag;
  /** How far in the past an assertion's validity begins. Default: 60 */
  readonly 'sasl.oauthbearer.assertion.claim.nbf.seconds'?: Amount;
  /** The subject of an assertion. */
  readonly 'sasl.oauthbearer.assertion.claim.sub'?: string;
  /** A file with a ready assertion. */
  readonly 'sasl.oauthbearer.assertion.file'?: string;
  /** The private key that signs assertions. */
  readonly 'sasl.oauthbearer.assertion.private.key.file'?: string;
  /** The passphrase of that key. */
  readonly 'sasl.oauthbearer.assertion.private.key.passphrase'?: string;
  /** A template of headers and claims of assertions. */
  readonly 'sasl.oauthbearer.assertion.template.file'?: string;
  /** The id of the client-credentials grant. */
  readonly 'sasl.oauthbearer.client.credentials.client.id'?: string;
  /** The secret of the client-credentials grant. */
  readonly 'sasl.oauthbearer.client.credentials.client.secret'?: string;
  /** How far the clocks of issuer and broker may differ. Default: 30 */
  readonly 'sasl.oauthbearer.clock.skew.seconds'?: Amount;
  /** Audiences a token must be for. */
  readonly 'sasl.oauthbearer.expected.audience'?: string;
  /** The issuer a token must come from. */
  readonly 'sasl.oauthbearer.expected.issuer'?: string;
  /** How often the issuer's keys are fetched. Default: 3600000 */
  readonly 'sasl.oauthbearer.jwks.endpoint.refresh.ms'?: Amount;
  /** The longest wait before fetching keys is tried again. Default: 10000 */
  readonly 'sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms'?: Amount;
  /** The first wait before fetching keys is tried again. Default: 100 */
  readonly 'sasl.oauthbearer.jwks.endpoint.retry.backoff.ms'?: Amount;
  /** Where the issuer's keys are. */
  readonly 'sasl.oauthbearer.jwks.endpoint.url'?: string;
  /** The class that gets tokens. Default: org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever */
  readonly 'sasl.oauthbearer.jwt.retriever.class'?: string;
  /** The class that checks tokens. Default: org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator */
  readonly 'sasl.oauthbearer.jwt.validator.class'?: string;
  /** The scope to ask for. */
  readonly 'sasl.oauthbearer.scope'?: string;
  /** The claim that holds the scope. Default: scope */
  readonly 'sasl.oauthbearer.scope.claim.name'?: string;
  /** The claim that holds the subject. Default: sub */
  readonly 'sasl.oauthbearer.sub.claim.name'?: string;
  /** Where tokens are issued. */
  readonly 'sasl.oauthbearer.token.endpoint.url'?: string;
  /** Callback handler of SASL servers. */
  readonly 'sasl.server.callback.handler.class'?: string;
  /** The largest message before sign-in. Default: 524288 */
  readonly 'sasl.server.max.receive.size'?: Amount;
  /** Java security providers to add. */
  readonly 'security.providers'?: string;
  /** How long the share coordinator gathers records before it writes them; -1 adapts. Default: -1 */
  readonly 'share.coordinator.append.linger.ms'?: Amount;
  /** The largest write buffer the share coordinator keeps. Default: 1048588 */
  readonly 'share.coordinator.cached.buffer.max.bytes'?: Amount;
  /** Size of the reads when share state is loaded. Default: 5242880 */
  readonly 'share.coordinator.load.buffer.size'?: Amount;
  /** Updates of share state between two snapshots of it. Default: 500 */
  readonly 'share.coordinator.snapshot.update.records.per.snapshot'?: Amount;
  /** The codec of the share state topic, by number. Default: 0 */
  readonly 'share.coordinator.state.topic.compression.codec'?: Amount;
  /** In-sync replicas that the share state topic needs. Default: 2 */
  readonly 'share.coordinator.state.topic.min.isr'?: Amount;
  /** Partitions of the share state topic. Default: 50 */
  readonly 'share.coordinator.state.topic.num.partitions'?: Amount;
  /** Replicas of the share state topic. Default: 3 */
  readonly 'share.coordinator.state.topic.replication.factor'?: Amount;
  /** Segment size of the share state topic. Default: 104857600 */
  readonly 'share.coordinator.state.topic.segment.bytes'?: Amount;
  /** Threads of the share coordinator. Default: 1 */
  readonly 'share.coordinator.threads'?: Amount;
  /** How long a write of share state waits for its replicas. Default: 5000 */
  readonly 'share.coordinator.write.timeout.ms'?: Amount;
  /** After how many requests the waiting share fetches are cleaned up. Default: 1000 */
  readonly 'share.fetch.purgatory.purge.interval.requests'?: Amount;
  /** The longest a connection to another node may take to be made. Default: 30000 */
  readonly 'socket.connection.setup.timeout.max.ms'?: Amount;
  /** How long a connection to another node may take at first. Default: 10000 */
  readonly 'socket.connection.setup.timeout.ms'?: Amount;
  /** Connections that may wait to be accepted. Default: 50 */
  readonly 'socket.listen.backlog.size'?: Amount;
  /** Socket receive buffer; -1 leaves it to the system. Default: 102400 */
  readonly 'socket.receive.buffer.bytes'?: Amount;
  /** The largest request. Default: 104857600 */
  readonly 'socket.request.max.bytes'?: Amount;
  /** Socket send buffer; -1 leaves it to the system. Default: 102400 */
  readonly 'socket.send.buffer.bytes'?: Amount;
  /** Whether a new certificate may have another distinguished name. Default: false */
  readonly 'ssl.allow.dn.changes'?: Flag;
  /** Whether a new certificate may have other alternative names. Default: false */
  readonly 'ssl.allow.san.changes'?: Flag;
  /** Cipher suites that are allowed; empty for the platform's. */
  readonly 'ssl.cipher.suites'?: string;
  /** Whether clients must, may or need not show a certificate. Default: none */
  readonly 'ssl.client.auth'?: string;
  /** Versions of TLS that are allowed. Default: TLSv1.2,TLSv1.3 */
  readonly 'ssl.enabled.protocols'?: string;
  /** How the name of the other side is checked; empty for not at all. Default: https */
  readonly 'ssl.endpoint.identification.algorithm'?: string;
  /** The class that makes TLS engines. */
  readonly 'ssl.engine.factory.class'?: string;
  /** The password of the private key. */
  readonly 'ssl.key.password'?: string;
  /** The algorithm of the key manager. Default: SunX509 */
  readonly 'ssl.keymanager.algorithm'?: string;
  /** The certificate chain in PEM. */
  readonly 'ssl.keystore.certificate.chain'?: string;
  /** The private key in PEM. */
  readonly 'ssl.keystore.key'?: string;
  /** The file of the key store. */
  readonly 'ssl.keystore.location'?: string;
  /** The password of the key store. */
  readonly 'ssl.keystore.password'?: string;
  /** The format of the key store. Default: JKS */
  readonly 'ssl.keystore.type'?: string;
  /** Rules that make principals of distinguished names. Default: DEFAULT */
  readonly 'ssl.principal.mapping.rules'?: string;
  /** The version of TLS to use. Default: TLSv1.3 */
  readonly 'ssl.protocol'?: string;
  /** The Java security provider of TLS. */
  readonly 'ssl.provider'?: string;
  /** The random number generator of TLS. */
  readonly 'ssl.secure.random.implementation'?: string;
  /** The algorithm of the trust manager. Default: PKIX */
  readonly 'ssl.trustmanager.algorithm'?: string;
  /** Trusted certificates in PEM. */
  readonly 'ssl.truststore.certificates'?: string;
  /** The file of the trust store. */
  readonly 'ssl.truststore.location'?: string;
  /** The password of the trust store. */
  readonly 'ssl.truststore.password'?: string;
  /** The format of the trust store. Default: JKS */
  readonly 'ssl.truststore.type'?: string;
  /** Principals that may do everything, between semicolons. */
  readonly 'super.users'?: string;
  /** The largest push of client metrics. Default: 1048576 */
  readonly 'telemetry.max.bytes'?: Amount;
  /** How often transactions that ran out of time are looked for. Default: 10000 */
  readonly 'transaction.abort.timed.out.transaction.cleanup.interval.ms'?: Amount;
  /** The longest timeout a transaction may ask for. Default: 900000 */
  readonly 'transaction.max.timeout.ms'?: Amount;
  /** Whether a partition asks the coordinator if a transaction really includes it. Default: true */
  readonly 'transaction.partition.verification.enable'?: Flag;
  /** How often expired transactional ids are looked for. Default: 3600000 */
  readonly 'transaction.remove.expired.transaction.cleanup.interval.ms'?: Amount;
  /** Size of the reads when transactions are loaded. Default: 5242880 */
  readonly 'transaction.state.log.load.buffer.size'?: Amount;
  /** In-sync replicas that the transaction topic needs. Default: 2 */
  readonly 'transaction.state.log.min.isr'?: Amount;
  /** Partitions of the transaction topic. Default: 50 */
  readonly 'transaction.state.log.num.partitions'?: Amount;
  /** Replicas of the transaction topic. Default: 3 */
  readonly 'transaction.state.log.replication.factor'?: Amount;
  /** Segment size of the transaction topic. Default: 104857600 */
  readonly 'transaction.state.log.segment.bytes'?: Amount;
  /** Whether transactions may take part in a two-phase commit. Default: false */
  readonly 'transaction.two.phase.commit.enable'?: Flag;
  /** How long an unused transactional id is remembered. Default: 604800000 */
  readonly 'transactional.id.expiration.ms'?: Amount;
  /** Whether a replica that is not in sync may lead when no other can, losing records. Default: false */
  readonly 'unclean.leader.election.enable'?: Flag;
}

/** Topic configs by their names. */
export interface TopicConfig {
  /** What becomes of old segments: deleted by time or size, compacted to the last value of each key, or both. Default: delete */
  readonly 'cleanup.policy'?: string;
  /** Level used when the broker itself compresses with gzip. Default: -1 */
  readonly 'compression.gzip.level'?: Amount;
  /** Level used when the broker itself compresses with lz4. Default: 9 */
  readonly 'compression.lz4.level'?: Amount;
  /** The codec of stored batches; 'producer' keeps what the producer chose. Default: producer */
  readonly 'compression.type'?: string;
  /** Level used when the broker itself compresses with zstd. Default: 3 */
  readonly 'compression.zstd.level'?: Amount;
  /** How long the deletion of a key stays readable in a compacted topic. Default: 86400000 */
  readonly 'delete.retention.ms'?: Amount;
  /** How long the files of a deleted segment stay on disk, for readers that are still in them. Default: 60000 */
  readonly 'file.delete.delay.ms'?: Amount;
  /** Forces the log to the device after this many records. Default: 9223372036854775807 */
  readonly 'flush.messages'?: Amount;
  /** Forces the log to the device after this many milliseconds. Default: 9223372036854775807 */
  readonly 'flush.ms'?: Amount;
  /** Replicas whose fetching is throttled, as partition:broker, or * for all. */
  readonly 'follower.replication.throttled.replicas'?: string;
  /** Bytes of log between two entries of the offset index. Default: 4096 */
  readonly 'index.interval.bytes'?: Amount;
  /** Replicas to which sending is throttled, as partition:broker, or * for all. */
  readonly 'leader.replication.throttled.replicas'?: string;
  /** Bytes kept on local disks of a tiered topic; -2 takes retention.bytes. Default: -2 */
  readonly 'local.retention.bytes'?: Amount;
  /** Time kept on local disks of a tiered topic; -2 takes retention.ms. Default: -2 */
  readonly 'local.retention.ms'?: Amount;
  /** The longest a record may wait for compaction. Default: 9223372036854775807 */
  readonly 'max.compaction.lag.ms'?: Amount;
  /** The largest record batch, as it was compressed by the producer. Default: 1048588 */
  readonly 'max.message.bytes'?: Amount;
  /** How far a record's timestamp may lie ahead of the broker's clock. Default: 3600000 */
  readonly 'message.timestamp.after.max.ms'?: Amount;
  /** How far a record's timestamp may lie behind the broker's clock. Default: 9223372036854775807 */
  readonly 'message.timestamp.before.max.ms'?: Amount;
  /** Whether timestamps are the producer's or the time of the append. Default: CreateTime */
  readonly 'message.timestamp.type'?: string;
  /** The share of a log that must be uncompacted before the cleaner takes it on. Default: 0.5 */
  readonly 'min.cleanable.dirty.ratio'?: Amount;
  /** How long a record stays uncompacted at least. Default: 0 */
  readonly 'min.compaction.lag.ms'?: Amount;
  /** In-sync replicas that a produce request with acks=all needs. Default: 1 */
  readonly 'min.insync.replicas'?: Amount;
  /** Whether the space of a new segment is reserved when it is made. Default: false */
  readonly preallocate?: Flag;
  /** Makes the remote part of a tiered topic read-only. Default: false */
  readonly 'remote.log.copy.disable'?: Flag;
  /** Whether remote data is deleted when tiering is turned off. Default: false */
  readonly 'remote.log.delete.on.disable'?: Flag;
  /** Whether old segments move to remote storage. Default: false */
  readonly 'remote.storage.enable'?: Flag;
  /** The size of a partition beyond which old segments are deleted; -1 for no limit. Default: -1 */
  readonly 'retention.bytes'?: Amount;
  /** The age beyond which segments are deleted; -1 for no limit. Default: 604800000 */
  readonly 'retention.ms'?: Amount;
  /** The size at which a new segment is begun. Default: 1073741824 */
  readonly 'segment.bytes'?: Amount;
  /** The largest size of the index files of a segment. Default: 10485760 */
  readonly 'segment.index.bytes'?: Amount;
  /** Random time taken off segment.ms, so that not all partitions roll at once. Default: 0 */
  readonly 'segment.jitter.ms'?: Amount;
  /** The age at which a new segment is begun even if the old one is not full. Default: 604800000 */
  readonly 'segment.ms'?: Amount;
  /** Whether a replica that is not in sync may lead when no other can, losing records. Default: false */
  readonly 'unclean.leader.election.enable'?: Flag;
}
