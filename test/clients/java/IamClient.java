import java.io.FileReader;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * `java IamClient.java TOPIC FILE.properties VALUE`: writes a value to a topic and reads it as a group; prints `in`, or
 * `refused: why`. AWS's library finds the credentials in the environment.
 */
public class IamClient {
  public static void main(String[] args) throws Exception {
    Properties properties = new Properties();
    try (FileReader reader = new FileReader(args[1])) {
      properties.load(reader);
    }
    properties.put("group.id", "java");
    properties.put("auto.offset.reset", "earliest");
    String outcome;
    try {
      write(properties, args[0], args[2]);
      outcome = read(properties, args[0], args[2]) ? "in" : "lost";
    } catch (ExecutionException error) {
      outcome = "refused: " + error.getCause();
    } catch (KafkaException error) {
      outcome = "refused: " + error;
    }
    System.out.println(outcome);
  }

  private static void write(Properties properties, String topic, String value) throws Exception {
    try (var producer = new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
      producer.send(new ProducerRecord<>(topic, value)).get();
    }
  }

  private static boolean read(Properties properties, String topic, String value) {
    try (var consumer = new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      for (long until = System.currentTimeMillis() + 120_000; System.currentTimeMillis() < until; ) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200)))
          if (record.value().equals(value)) return true;
      }
      return false;
    }
  }
}
