import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Share groups (KIP-932), used by the Java client and AdminClient. */
public class ShareGroups {
  private static final String TOPIC = "share-java";
  private static final String GROUP = "share-java";

  /** Since Kafka 4.2. */
  private static boolean renews;

  public static void main(String[] args) throws Exception {
    String bootstrap = args[0];
    short replicas = Short.parseShort(args.length > 1 ? args[1] : "3");
    renews = args.length > 2;
    Map<String, Object> cluster = Map.of("bootstrap.servers", bootstrap);
    try (Admin admin = Admin.create(cluster);
        KafkaProducer<String, String> producer = new KafkaProducer<>(cluster, new StringSerializer(), new StringSerializer());
        KafkaProducer<String, String> transactional = new KafkaProducer<>(Map.of("bootstrap.servers", bootstrap, "transactional.id", "share-java"), new StringSerializer(), new StringSerializer())) {
      admin.updateFeatures(Map.of("share.version", new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.UPGRADE)), new UpdateFeaturesOptions()).all().get();
      admin.createTopics(List.of(new NewTopic(TOPIC, 2, replicas), new NewTopic("share-java-committed", 1, replicas))).all().get();
      for (String group : List.of(GROUP, "share-java-committed"))
        admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, group), List.of(set("share.auto.offset.reset", "earliest"), set("share.record.lock.duration.ms", "15000")))).all().get();
      admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, "share-java-committed"), List.of(set("share.isolation.level", "read_committed")))).all().get();
      for (int i = 0; i < 200; i++) producer.send(new ProducerRecord<>(TOPIC, i % 2, null, "" + i));
      producer.flush();
      together(admin, bootstrap);
      explicit(admin, producer, bootstrap);
      committed(transactional, bootstrap);
      administered(admin, bootstrap);
    }
    System.exit(0);
  }

  /** Two members read the same partitions; each record goes to one of them, and is acknowledged with the next poll. */
  private static void together(Admin admin, String bootstrap) throws Exception {
    Set<String> seen = new HashSet<>();
    try (KafkaShareConsumer<String, String> first = consumer(bootstrap, GROUP, Map.of("max.poll.records", "10"));
        KafkaShareConsumer<String, String> second = consumer(bootstrap, GROUP, Map.of("max.poll.records", "10"))) {
      first.subscribe(List.of(TOPIC));
      second.subscribe(List.of(TOPIC));
      eventually("both members have read everything", () -> {
        for (KafkaShareConsumer<String, String> one : List.of(first, second))
          for (ConsumerRecord<String, String> record : one.poll(Duration.ofMillis(200))) {
            same((short) 1, record.deliveryCount().get());
            same(true, seen.add(record.value()));
          }
        return seen.size() == 200;
      });
      first.commitSync();
      second.commitSync();
      var described = admin.describeShareGroups(List.of(GROUP)).all().get().get(GROUP);
      same(GroupState.STABLE, described.groupState());
      same(2, described.members().size());
      refused(GroupNotEmptyException.class, () -> admin.deleteShareGroups(List.of(GROUP)).all().get());
      refused(GroupNotEmptyException.class, () -> admin.alterShareGroupOffsets(GROUP, Map.of(new TopicPartition(TOPIC, 0), 0L)).all().get());
    }
    var listed = admin.listGroups(new ListGroupsOptions().withTypes(Set.of(GroupType.SHARE))).all().get();
    same(true, listed.stream().anyMatch((group) -> group.groupId().equals(GROUP)));
  }

  /** Records are accepted, released, rejected and renewed one by one; released ones come again until the limit. */
  private static void explicit(Admin admin, KafkaProducer<String, String> producer, String bootstrap) throws Exception {
    for (int i = 0; i < 5; i++) producer.send(new ProducerRecord<>(TOPIC, 0, null, "explicit " + i));
    producer.flush();
    Map<String, List<Integer>> deliveries = new TreeMap<>();
    try (KafkaShareConsumer<String, String> member = consumer(bootstrap, GROUP, Map.of("share.acknowledgement.mode", "explicit"))) {
      member.subscribe(List.of(TOPIC));
      eventually("a record that is released again and again is given up after five deliveries", () -> {
        for (ConsumerRecord<String, String> record : member.poll(Duration.ofMillis(200))) {
          deliveries.computeIfAbsent(record.value(), (value) -> new ArrayList<>()).add((int) record.deliveryCount().get());
          switch (record.value()) {
            case "explicit 0" -> member.acknowledge(record, AcknowledgeType.ACCEPT);
            case "explicit 1" -> member.acknowledge(record, AcknowledgeType.REJECT);
            case "explicit 2" -> member.acknowledge(record, AcknowledgeType.RELEASE);
            case "explicit 3" -> member.acknowledge(record, record.deliveryCount().get() < 2 ? AcknowledgeType.RELEASE : AcknowledgeType.ACCEPT);
            // A consumer that renews its lock gets the record again.
            default -> member.acknowledge(record, renews && deliveries.get(record.value()).size() == 1 ? AcknowledgeType.RENEW : AcknowledgeType.ACCEPT);
          }
        }
        commit(member);
        return deliveries.getOrDefault("explicit 2", List.of()).size() == 5;
      });
      same(0, member.poll(Duration.ofMillis(500)).count());
    }
    same(Map.of("explicit 0", List.of(1), "explicit 1", List.of(1), "explicit 2", List.of(1, 2, 3, 4, 5), "explicit 3", List.of(1, 2), "explicit 4", renews ? List.of(1, 1) : List.of(1)), deliveries);
  }

  /** With read_committed no consumer sees records of an aborted transaction. */
  private static void committed(KafkaProducer<String, String> producer, String bootstrap) throws Exception {
    producer.initTransactions();
    for (int i = 0; i < 4; i++) {
      producer.beginTransaction();
      for (int k = 0; k < 5; k++) producer.send(new ProducerRecord<>("share-java-committed", i % 2 == 0 ? "committed" : "aborted"));
      producer.flush();
      if (i % 2 == 0) producer.commitTransaction();
      else producer.abortTransaction();
    }
    List<String> values = new ArrayList<>();
    try (KafkaShareConsumer<String, String> member = consumer(bootstrap, "share-java-committed", Map.of())) {
      member.subscribe(List.of("share-java-committed"));
      eventually("both committed transactions are read", () -> {
        for (ConsumerRecord<String, String> record : member.poll(Duration.ofMillis(200))) values.add(record.value());
        return values.size() >= 10;
      });
      for (ConsumerRecord<String, String> record : member.poll(Duration.ofMillis(500))) values.add(record.value());
    }
    same(10, values.size());
    same(Set.of("committed"), new HashSet<>(values));
  }

  /** An empty group is moved back, reads again, forgets a topic and is deleted. */
  private static void administered(Admin admin, String bootstrap) throws Exception {
    admin.alterShareGroupOffsets(GROUP, Map.of(new TopicPartition(TOPIC, 0), 95L)).all().get();
    same(95L, offset(admin, 0));
    Set<Long> again = new HashSet<>();
    try (KafkaShareConsumer<String, String> member = consumer(bootstrap, GROUP, Map.of())) {
      member.subscribe(List.of(TOPIC));
      eventually("what was moved back comes again", () -> {
        for (ConsumerRecord<String, String> record : member.poll(Duration.ofMillis(200))) again.add(record.offset());
        return again.size() == 10;
      });
    }
    same(Set.of(95L, 96L, 97L, 98L, 99L, 100L, 101L, 102L, 103L, 104L), again);
    admin.deleteShareGroupOffsets(GROUP, Set.of(TOPIC)).all().get();
    admin.deleteShareGroups(List.of(GROUP, "share-java-committed")).all().get();
    refused(GroupIdNotFoundException.class, () -> admin.describeShareGroups(List.of(GROUP)).all().get());
  }

  private static long offset(Admin admin, int partition) {
    try {
      var spec = Map.of(GROUP, new ListShareGroupOffsetsSpec());
      var offsets = admin.listShareGroupOffsets(spec).partitionsToOffsetInfo(GROUP).get();
      var info = offsets.get(new TopicPartition(TOPIC, partition));
      return info == null ? -1 : info.startOffset();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static KafkaShareConsumer<String, String> consumer(String bootstrap, String group, Map<String, Object> more) {
    Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", bootstrap, "group.id", group));
    config.putAll(more);
    return new KafkaShareConsumer<>(config, new StringDeserializer(), new StringDeserializer());
  }

  private static void commit(KafkaShareConsumer<String, String> member) {
    for (Map.Entry<TopicIdPartition, Optional<KafkaException>> one : member.commitSync().entrySet())
      if (one.getValue().isPresent()) throw new AssertionError("not committed in " + one.getKey(), one.getValue().get());
  }

  private static AlterConfigOp set(String name, String value) {
    return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
  }

  private interface Attempt {
    void run() throws Exception;
  }

  private static void refused(Class<? extends Exception> expected, Attempt attempt) throws Exception {
    try {
      attempt.run();
    } catch (ExecutionException e) {
      same(expected, e.getCause().getClass());
      return;
    }
    throw new AssertionError("was not refused with " + expected);
  }

  private static void same(Object expected, Object actual) {
    if (!expected.equals(actual)) throw new AssertionError("expected " + expected + " but got " + actual);
  }

  private static void eventually(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(240).toNanos();
    while (!condition.getAsBoolean()) if (System.nanoTime() > deadline) throw new AssertionError("not in time: " + what);
  }
}
