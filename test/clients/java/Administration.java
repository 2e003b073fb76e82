import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.serialization.StringSerializer;

/** Requests of AdminClient, and the errors that it expects. */
public class Administration {
  private static final String TOPIC = "admin-java";
  private static final TopicPartition PART = new TopicPartition(TOPIC, 0);

  public static void main(String[] args) throws Exception {
    Map<String, Object> cluster = Map.of("bootstrap.servers", args[0]);
    try (Admin admin = Admin.create(cluster)) {
      topics(admin);
      cluster(admin);
      configs(admin);
      try (KafkaProducer<String, String> producer =
          new KafkaProducer<>(Map.of("bootstrap.servers", args[0], "transactional.id", TOPIC), new StringSerializer(), new StringSerializer())) {
        transactions(admin, producer);
      }
      offsets(admin);
      groups(admin);
      admin.deleteTopics(List.of(TOPIC)).all().get();
    }
    System.exit(0);
  }

  private static void topics(Admin admin) throws Exception {
    NewTopic topic = new NewTopic(TOPIC, Map.of(0, List.of(1, 2), 1, List.of(2, 3)));
    admin.createTopics(List.of(topic)).all().get();
    refused(TopicExistsException.class, admin.createTopics(List.of(topic)).all());
    refused(InvalidReplicationFactorException.class, admin.createTopics(List.of(new NewTopic("wide", 1, (short) 5))).all());
    admin.createPartitions(Map.of(TOPIC, NewPartitions.increaseTo(4))).all().get();
    refused(InvalidPartitionsException.class, admin.createPartitions(Map.of(TOPIC, NewPartitions.increaseTo(2))).all());
    var described = admin.describeTopics(List.of(TOPIC)).allTopicNames().get().get(TOPIC);
    same(4, described.partitions().size());
    same(TOPIC, admin.describeTopics(TopicCollection.ofTopicIds(List.of(described.topicId()))).allTopicIds().get().get(described.topicId()).name());
    refused(UnknownTopicOrPartitionException.class, admin.describeTopics(List.of("absent")).allTopicNames());
    admin.alterPartitionReassignments(Map.of(PART, Optional.of(new NewPartitionReassignment(List.of(3, 1))))).all().get();
    while (!admin.listPartitionReassignments().reassignments().get().isEmpty()) Thread.sleep(50);
    same(3, admin.describeTopics(List.of(TOPIC)).allTopicNames().get().get(TOPIC).partitions().get(0).replicas().get(0).id());
    admin.electLeaders(ElectionType.PREFERRED, Set.of(PART)).partitions().get();
    if (!admin.listTopics(new ListTopicsOptions()).names().get().contains(TOPIC)) throw new AssertionError("not listed");
  }

  private static void cluster(Admin admin) throws Exception {
    var cluster = admin.describeCluster();
    same(3, cluster.nodes().get().size());
    cluster.clusterId().get();
    same(3, admin.describeLogDirs(List.of(1, 2, 3)).allDescriptions().get().size());
    if (admin.describeFeatures().featureMetadata().get().finalizedFeatures().get("metadata.version") == null) throw new AssertionError("no metadata.version");
    same(3, admin.describeMetadataQuorum().quorumInfo().get().observers().size());
    refused(BrokerIdNotRegisteredException.class, admin.unregisterBroker(99).all());
  }

  private static void configs(Admin admin) throws Exception {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
    admin.incrementalAlterConfigs(Map.of(topic, List.of(set("retention.ms", "123456")))).all().get();
    ConfigEntry entry = admin.describeConfigs(List.of(topic)).all().get().get(topic).get("retention.ms");
    same("123456", entry.value());
    same(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG, entry.source());
    refused(InvalidConfigurationException.class, admin.incrementalAlterConfigs(Map.of(topic, List.of(set("no.such.config", "1")))).all());
    admin.incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(new ConfigEntry("retention.ms", ""), AlterConfigOp.OpType.DELETE)))).all().get();
  }

  private static AlterConfigOp set(String name, String value) {
    return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
  }

  private static void transactions(Admin admin, KafkaProducer<String, String> producer) throws Exception {
    producer.initTransactions();
    for (long offset = 1; offset <= 3; offset++) {
      producer.beginTransaction();
      for (int i = 0; i < 5; i++) producer.send(new ProducerRecord<>(TOPIC, 0, null, "x"));
      producer.sendOffsetsToTransaction(Map.of(PART, new OffsetAndMetadata(offset)), new ConsumerGroupMetadata("transactional"));
      if (offset == 2) producer.flush();
      if (offset == 2) producer.abortTransaction();
      else producer.commitTransaction();
    }
    // The partition of the offsets is told of the commit after the producer.
    var stable = new ListConsumerGroupOffsetsOptions().requireStable(true);
    same(3L, admin.listConsumerGroupOffsets("transactional", stable).partitionsToOffsetAndMetadata().get().get(PART).offset());
    producer.beginTransaction();
    long first = producer.send(new ProducerRecord<>(TOPIC, 0, null, "open")).get().offset();
    var open = admin.describeProducers(List.of(PART)).all().get().get(PART).activeProducers().get(0);
    same(OptionalLong.of(first), open.currentTransactionStartOffset());
    same(Set.of(PART), admin.describeTransactions(List.of(TOPIC)).all().get().get(TOPIC).topicPartitions());
    same(1, (int) admin.listTransactions().all().get().stream().filter(t -> t.transactionalId().equals(TOPIC)).count());
    admin.fenceProducers(List.of(TOPIC)).all().get();
    try {
      producer.commitTransaction();
      throw new AssertionError("not fenced");
    } catch (ProducerFencedException | InvalidProducerEpochException fenced) {
      // KIP-588: the transaction was ended with a newer epoch.
    }
  }

  private static void offsets(Admin admin) throws Exception {
    // Three transactions of five records with a marker each, then one record and the marker that fencing wrote.
    while (offset(admin, OffsetSpec.latest()) != 20) Thread.sleep(50);
    admin.deleteRecords(Map.of(PART, RecordsToDelete.beforeOffset(7))).all().get();
    same(7L, offset(admin, OffsetSpec.earliest()));
    refused(OffsetOutOfRangeException.class, admin.deleteRecords(Map.of(PART, RecordsToDelete.beforeOffset(99))).all());
    same(-1L, offset(admin, OffsetSpec.forTimestamp(System.currentTimeMillis() + 100_000)));
  }

  private static long offset(Admin admin, OffsetSpec spec) throws Exception {
    return admin.listOffsets(Map.of(PART, spec)).all().get().get(PART).offset();
  }

  private static void groups(Admin admin) throws Exception {
    admin.alterConsumerGroupOffsets("administered", Map.of(PART, new OffsetAndMetadata(9, Optional.of(0), "note"))).all().get();
    same("note", admin.listConsumerGroupOffsets("administered").partitionsToOffsetAndMetadata().get().get(PART).metadata());
    same(true, admin.listGroups().all().get().stream().anyMatch(group -> group.groupId().equals("administered")));
    admin.deleteConsumerGroupOffsets("administered", Set.of(PART)).all().get();
    admin.deleteConsumerGroups(List.of("transactional")).all().get();
    refused(GroupIdNotFoundException.class, admin.deleteConsumerGroups(List.of("transactional")).all());
    refused(GroupIdNotFoundException.class, admin.describeConsumerGroups(List.of("absent")).all());
  }

  private static void same(Object expected, Object found) {
    if (!expected.equals(found)) throw new AssertionError(found + " instead of " + expected);
  }

  private static void refused(Class<? extends ApiException> expected, Future<?> answer) throws Exception {
    try {
      answer.get(120, java.util.concurrent.TimeUnit.SECONDS);
    } catch (ExecutionException error) {
      if (expected.isInstance(error.getCause())) return;
      throw error;
    }
    throw new AssertionError("not refused with " + expected.getSimpleName());
  }
}
