import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import kafka.server.KafkaConfig;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.coordinator.group.GroupConfig;

/**
 * Prints how the Apache Kafka on the class path judges the configs under `verdicts` of the file that the argument names: those that a
 * broker is to be started with, and those of a group. A message of null means that it takes them.
 */
public class KafkaConfigVerdicts {
  private static final Map<String, String> NODE = Map.of(
      "process.roles", "broker,controller",
      "node.id", "1",
      "controller.quorum.voters", "1@127.0.0.1:9093",
      "controller.listener.names", "CONTROLLER",
      "listeners", "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093",
      "advertised.listeners", "PLAINTEXT://127.0.0.1:9092",
      "log.dirs", "/data");

  public static void main(String[] args) throws Exception {
    var json = new ObjectMapper();
    var lines = new StringJoiner(",\n", "[\n", "\n]");
    for (JsonNode each : json.readTree(Path.of(args[0]).toFile()).get("verdicts")) {
      var configs = new LinkedHashMap<String, String>();
      each.get("configs").properties().forEach(one -> configs.put(one.getKey(), one.getValue().asText()));
      var verdict = new LinkedHashMap<String, Object>();
      verdict.put("of", each.get("of").asText());
      verdict.put("configs", configs);
      verdict.put("message", messageOf(each.get("of").asText(), configs));
      lines.add(json.writeValueAsString(verdict));
    }
    System.out.printf(
        "{\"source\": \"org.apache.kafka:kafka-server\", \"version\": \"%s\", \"verdicts\": %s}%n", AppInfoParser.getVersion(), lines);
  }

  private static String messageOf(String of, Map<String, String> configs) {
    try {
      if (of.equals("group")) {
        KafkaConfig broker = broker(Map.of());
        GroupConfig.validate(configs, broker.groupCoordinatorConfig(), broker.shareGroupConfig());
      } else broker(configs);
      return null;
    } catch (RuntimeException error) {
      return error.getMessage();
    }
  }

  private static KafkaConfig broker(Map<String, String> configs) {
    var all = new LinkedHashMap<Object, Object>(NODE);
    all.putAll(configs);
    return new KafkaConfig(all, false);
  }
}
