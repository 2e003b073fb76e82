import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupSubscribedToTopicException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A group of the consumer protocol (KIP-848), used by the Java client and AdminClient. */
public class ConsumerGroups {
  private static final String TOPIC = "consumer-java";
  private static final String GROUP = "consumer-java";
  private static final int RECORDS = 400;
  private static final Set<String> seen = new HashSet<>();

  public static void main(String[] args) throws Exception {
    String bootstrap = args[0];
    Map<String, Object> cluster = Map.of("bootstrap.servers", bootstrap);
    try (Admin admin = Admin.create(cluster);
        KafkaProducer<String, String> producer = new KafkaProducer<>(cluster, new StringSerializer(), new StringSerializer())) {
      admin.createTopics(List.of(new NewTopic(TOPIC, 4, (short) 3))).all().get();
      configs(admin);
      for (int i = 0; i < RECORDS; i++) producer.send(new ProducerRecord<>(TOPIC, i % 4, null, "" + i));
      producer.flush();
      sharing(admin, bootstrap);
      committed(admin, bootstrap);
      expression(admin, bootstrap);
      admin.deleteConsumerGroups(List.of(GROUP)).all().get();
    }
    System.exit(0);
  }

  private static void configs(Admin admin) throws Exception {
    ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, GROUP);
    admin.incrementalAlterConfigs(Map.of(group, List.of(set("consumer.session.timeout.ms", "50000")))).all().get();
    refused(InvalidConfigurationException.class, () -> admin.incrementalAlterConfigs(Map.of(group, List.of(set("consumer.session.timeout.ms", "10")))).all().get());
  }

  /** Two members share the partitions; a member of the classic protocol joins; after the two close, it has all partitions. */
  private static void sharing(Admin admin, String bootstrap) throws Exception {
    KafkaConsumer<String, String> first = consumer(bootstrap, "consumer", Map.of());
    KafkaConsumer<String, String> second = consumer(bootstrap, "consumer", Map.of());
    first.subscribe(List.of(TOPIC));
    eventually("the first member has all", () -> read(first) == 4);
    second.subscribe(List.of(TOPIC));
    eventually("the members share", () -> read(first) == 2 & read(second) == 2 & seen.size() == RECORDS);
    var described = admin.describeConsumerGroups(List.of(GROUP)).all().get().get(GROUP);
    same(GroupType.CONSUMER, described.type());
    same(GroupState.STABLE, described.groupState());
    same("uniform", described.partitionAssignor());
    same(2, described.members().size());
    KafkaConsumer<String, String> classic = consumer(bootstrap, "classic", Map.of());
    classic.subscribe(List.of(TOPIC));
    eventually("a member of the classic protocol shares with them", () -> read(first) > 0 & read(second) > 0 & read(classic) > 0 && owned(first, second, classic) == 4);
    refused(GroupSubscribedToTopicException.class, () -> admin.deleteConsumerGroupOffsets(GROUP, Set.of(new TopicPartition(TOPIC, 0))).all().get());
    second.close();
    first.close();
    eventually("the member of the classic protocol is left alone, with all", () -> read(classic) == 4);
    same(GroupType.CLASSIC, admin.describeConsumerGroups(List.of(GROUP)).all().get().get(GROUP).type());
    classic.close();
  }

  @SafeVarargs
  private static int owned(KafkaConsumer<String, String>... consumers) {
    Set<TopicPartition> owned = new HashSet<>();
    for (KafkaConsumer<String, String> consumer : consumers) owned.addAll(consumer.assignment());
    return owned.size();
  }

  /** The next member begins at the offsets that an administrator set; earlier records are not read again. */
  private static void committed(Admin admin, String bootstrap) throws Exception {
    Map<TopicPartition, OffsetAndMetadata> offsets = admin.listConsumerGroupOffsets(GROUP).partitionsToOffsetAndMetadata().get();
    same(4, offsets.size());
    for (OffsetAndMetadata offset : offsets.values()) same((long) RECORDS / 4, offset.offset());
    admin.alterConsumerGroupOffsets(GROUP, Map.of(new TopicPartition(TOPIC, 0), new OffsetAndMetadata(95))).all().get();
    KafkaConsumer<String, String> again = consumer(bootstrap, "consumer", Map.of());
    again.subscribe(List.of(TOPIC));
    List<Long> read = new ArrayList<>();
    eventually("the last five of partition 0", () -> {
      for (ConsumerRecord<String, String> record : again.poll(Duration.ofMillis(100))) read.add(record.offset());
      return read.size() == 5;
    });
    same(List.of(95L, 96L, 97L, 98L, 99L), read);
    again.close();
  }

  /** The broker evaluates a pattern (RE2) on whole names; an invalid pattern is an error for its consumer. */
  private static void expression(Admin admin, String bootstrap) throws Exception {
    admin.createTopics(List.of(new NewTopic(TOPIC + "-a", 2, (short) 3), new NewTopic(TOPIC + "-b", 1, (short) 3))).all().get();
    KafkaConsumer<String, String> invalid = consumer(bootstrap, "consumer", Map.of("group.id", "expressions-java"));
    invalid.subscribe(new SubscriptionPattern("consumer-java-("));
    refused(InvalidRegularExpression.class, () -> eventually("an error", () -> read(invalid) < 0));
    invalid.close();
    KafkaConsumer<String, String> consumer = consumer(bootstrap, "consumer", Map.of("group.id", "expressions-java"));
    consumer.subscribe(new SubscriptionPattern("consumer-java-[ab]"));
    eventually("all partitions of both topics", () -> read(consumer) == 3);
    consumer.close();
  }

  private static KafkaConsumer<String, String> consumer(String bootstrap, String protocol, Map<String, Object> more) {
    Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", bootstrap, "group.id", GROUP, "group.protocol", protocol, "auto.offset.reset", "earliest", "enable.auto.commit", "false"));
    config.putAll(more);
    return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
  }

  /** Reads and commits all records; returns the number of partitions that the consumer has then. */
  private static int read(KafkaConsumer<String, String> consumer) {
    var records = consumer.poll(Duration.ofMillis(100));
    for (ConsumerRecord<String, String> record : records) if (!seen.add(record.value())) throw new AssertionError("read twice: " + record);
    if (!records.isEmpty()) consumer.commitSync();
    return consumer.assignment().size();
  }

  private static AlterConfigOp set(String name, String value) {
    return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
  }

  private static void eventually(String what, BooleanSupplier condition) {
    long deadline = System.currentTimeMillis() + 240_000;
    while (!condition.getAsBoolean()) if (System.currentTimeMillis() > deadline) throw new AssertionError(what);
  }

  private interface Attempt {
    void run() throws Exception;
  }

  private static void refused(Class<? extends Exception> expected, Attempt attempt) throws Exception {
    try {
      attempt.run();
    } catch (Exception error) {
      Throwable cause = error instanceof ExecutionException ? error.getCause() : error;
      if (expected.isInstance(cause)) return;
      throw error;
    }
    throw new AssertionError("expected " + expected);
  }

  private static void same(Object expected, Object actual) {
    if (!expected.equals(actual)) throw new AssertionError("expected " + expected + ", got " + actual);
  }
}
