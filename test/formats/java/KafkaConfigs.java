import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.server.config.ConfigSynonym;
import org.apache.kafka.server.config.DynamicBrokerConfig;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.storage.internals.log.LogConfig;

/**
 * Prints every config of the Apache Kafka on the class path as JSON, and how it validates the topic configs under `topicValidation` of
 * the file that the argument names.
 */
public class KafkaConfigs {
  public static void main(String[] args) throws Exception {
    var json = new ObjectMapper();
    var all = new LinkedHashMap<String, Object>();
    all.put("source", "org.apache.kafka:kafka-server");
    all.put("version", AppInfoParser.getVersion());
    all.put("topic", keys(LogConfig.configKeys()));
    var broker = kafka.server.KafkaConfig.configDef().configKeys();
    all.put("broker", keys(broker));
    all.put("group", keys(GroupConfig.CONFIG_DEF.configKeys()));
    var topicSynonyms = new TreeMap<String, Object>();
    ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.forEach((name, synonyms) -> topicSynonyms.put(name, converted(synonyms)));
    all.put("topicSynonyms", topicSynonyms);
    all.put("dynamicModes", new TreeMap<>(DynamicBrokerConfig.dynamicConfigUpdateModes()));
    var groupSynonyms = new TreeMap<String, Object>();
    for (String name : GroupConfig.CONFIG_DEF.names()) groupSynonyms.put(name, GroupConfig.brokerSynonym(name).orElse(null));
    all.put("groupSynonyms", groupSynonyms);
    var brokerSynonyms = new TreeMap<String, Object>();
    for (String name : broker.keySet()) {
      List<String> synonyms = DynamicBrokerConfig.brokerConfigSynonyms(name, false);
      if (synonyms.size() > 1) brokerSynonyms.put(name, synonyms);
    }
    all.put("brokerSynonyms", brokerSynonyms);
    var judged = new ArrayList<Object>();
    for (JsonNode each : json.readTree(Path.of(args[0]).toFile()).get("topicValidation")) {
      Map<String, String> configs = new LinkedHashMap<>();
      each.get("configs").properties().forEach(one -> configs.put(one.getKey(), one.getValue().asText()));
      var verdict = new LinkedHashMap<String, Object>();
      verdict.put("configs", configs);
      verdict.put("message", messageOf(configs));
      judged.add(verdict);
    }
    all.put("topicValidation", judged);
    System.out.println(json.writeValueAsString(all));
  }

  private static List<Object> keys(Map<String, ConfigDef.ConfigKey> keys) {
    var printed = new ArrayList<Object>();
    for (ConfigDef.ConfigKey key : new TreeMap<>(keys).values()) {
      var one = new LinkedHashMap<String, Object>();
      one.put("name", key.name);
      one.put("type", key.type.name());
      one.put(
          "default",
          key.hasDefault() ? ConfigDef.convertToString(key.defaultValue, key.type) : "NO_DEFAULT");
      one.put("importance", key.importance.name());
      if (key.internalConfig) one.put("internal", true);
      printed.add(one);
    }
    return printed;
  }

  /** Each name with the result for a value of 2. */
  private static List<List<String>> converted(List<ConfigSynonym> synonyms) {
    return synonyms.stream().map(each -> List.of(each.name(), each.converter().apply("2"))).toList();
  }

  private static String messageOf(Map<String, String> configs) {
    try {
      LogConfig.validate(configs);
      return null;
    } catch (RuntimeException error) {
      return error.getMessage();
    }
  }
}
