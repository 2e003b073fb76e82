import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;

/** Counts words exactly once with two instances of Kafka Streams, one of which closes in the middle. Arguments: the brokers, and the protocol of their group. */
public class WordCount {
  private static final int LINES = 2000;

  public static void main(String[] args) throws Exception {
    Map<String, Object> cluster = Map.of("bootstrap.servers", args[0]);
    boolean isClassic = args[1].equals("classic");
    String lines = args[1] + "-lines";
    String counts = args[1] + "-counts";
    try (Admin admin = Admin.create(cluster)) {
      admin.createTopics(List.of(new NewTopic(lines, 3, (short) 3), new NewTopic(counts, 3, (short) 3))).all().get();
      if (!isClassic) {
        FeatureUpdate level = new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.UPGRADE);
        admin.updateFeatures(Map.of("streams.version", level), new UpdateFeaturesOptions()).all().get();
      }
    }
    StreamsBuilder topology = new StreamsBuilder();
    topology.stream(lines, Consumed.with(Serdes.String(), Serdes.String()))
        .flatMapValues(line -> Arrays.asList(line.split(" ")))
        .groupBy((key, word) -> word, Grouped.with(Serdes.String(), Serdes.String()))
        .count(Materialized.as("store"))
        .toStream()
        .to(counts, Produced.with(Serdes.String(), Serdes.Long()));
    List<KafkaStreams> instances = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Properties config = new Properties();
      config.putAll(cluster);
      config.put("application.id", args[1] + "-word-count");
      config.put("group.protocol", args[1]);
      config.put("processing.guarantee", "exactly_once_v2");
      config.put("replication.factor", 3);
      config.put("commit.interval.ms", 100);
      if (isClassic) {
        // An instance that closes doesn't leave its group: its tasks move when its session ends.
        config.put("consumer.session.timeout.ms", "6000");
        config.put("consumer.heartbeat.interval.ms", "500");
      }
      config.put("state.dir", Files.createTempDirectory("millrace-streams").toString());
      KafkaStreams instance = new KafkaStreams(topology.build(), config);
      instance.start();
      instances.add(instance);
    }
    Map<String, Long> expected = new TreeMap<>();
    Random random = new Random(1);
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(cluster, new StringSerializer(), new StringSerializer())) {
      for (int i = 0; i < LINES; i++) {
        StringJoiner line = new StringJoiner(" ");
        for (int j = 0; j < 4; j++) {
          String word = "word" + random.nextInt(50);
          line.add(word);
          expected.merge(word, 1L, Long::sum);
        }
        producer.send(new ProducerRecord<>(lines, String.valueOf(i), line.toString()));
        if (i == LINES / 2) {
          producer.flush();
          while (instances.get(0).state() != KafkaStreams.State.RUNNING) Thread.sleep(50);
          instances.get(0).close(Duration.ofSeconds(60));
        }
      }
    }
    Map<String, Long> counted = new TreeMap<>();
    long deadline = System.currentTimeMillis() + 240_000;
    Map<String, Object> committed = Map.of("bootstrap.servers", args[0], "isolation.level", "read_committed", "auto.offset.reset", "earliest", "group.id", args[1] + "-reader");
    try (KafkaConsumer<String, Long> consumer = new KafkaConsumer<>(committed, new StringDeserializer(), new LongDeserializer())) {
      consumer.subscribe(List.of(counts));
      while (!counted.equals(expected)) {
        if (System.currentTimeMillis() > deadline) throw new AssertionError(counted + " instead of " + expected);
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          Long before = counted.put(record.key(), record.value());
          if (before != null && before >= record.value()) throw new AssertionError(record.key() + " counted twice: " + before + ", " + record.value());
        }
      }
    }
    instances.get(1).close(Duration.ofSeconds(60));
    System.exit(0);
  }
}
