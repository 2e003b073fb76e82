package millrace;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.test.api.TestKitDefaults;

/** The brokers of one cluster of Millrace, numbered from 0 on, and what a test asks of them. */
public final class Nodes {
    private JsonNode cluster;
    private final Map<Integer, BrokerServer> brokers = new TreeMap<>();
    private boolean stopped;
    private Map<String, Short> features = Map.of();
    private final ControllerServer controller = ControllerStandIn.of(this);

    /** What a test wants. `configs`: more of one broker, by its id. */
    public record Wanted(int brokers, String listener, Map<String, ?> config, Map<Integer, Map<String, String>> configs) {
    }

    /** Starts them. Throws with Millrace's sentence where it cannot have the configs. */
    public Nodes(Wanted wanted) {
        cluster = ClusterServer.ask("start", Map.of(
            "brokers", wanted.brokers,
            "listener", wanted.listener,
            "config", texts(wanted.config),
            "configs", wanted.configs));
        ClusterServer.count(1);
        for (int id = 0; id < wanted.brokers; id++)
            brokers.put(id, BrokerStandIn.of(this, id, new KafkaConfig(properties(wanted, id), false)));
    }

    /** One more, or another in place of one that was shut down. */
    public BrokerServer add(KafkaConfig config, boolean starts) {
        int id = config.brokerId();
        if (!config.interBrokerSecurityProtocol().equals(SecurityProtocol.PLAINTEXT))
            throw new UnsupportedOperationException("The test gives certificates by configs, and Millrace where a listener is given.");
        cluster = ask("addBroker", Map.of(
            "broker", id,
            "starts", starts,
            "listener", config.interBrokerListenerName().value(),
            "config", texts(config.originals())));
        brokers.put(id, BrokerStandIn.of(this, id, config));
        if (starts) setFeatures();
        return brokers.get(id);
    }

    /** To be set as soon as a broker serves. */
    public void want(Map<String, Short> levels) {
        features = levels;
    }

    private void setFeatures() {
        Map<String, Short> wanted = features;
        features = Map.of();
        Features.set(this, wanted);
    }

    public ControllerServer controller() {
        return controller;
    }

    public Map<Integer, BrokerServer> brokers() {
        return brokers;
    }

    public String bootstrapServers() {
        return ports().stream().filter(port -> port > 0).map(port -> "localhost:" + port).collect(Collectors.joining(","));
    }

    Collection<Integer> ports() {
        return brokers.keySet().stream().map(this::port).toList();
    }

    int port(int brokerId) {
        return cluster.get("ports").get(String.valueOf(brokerId)).asInt();
    }

    public String clusterId() {
        return cluster.get("clusterId").asText();
    }

    boolean isRunning(int brokerId) {
        return !stopped && ask("isRunning", Map.of("broker", brokerId)).get("yes").asBoolean();
    }

    void startBroker(int brokerId) {
        cluster = ask("startBroker", Map.of("broker", known(brokerId)));
        setFeatures();
    }

    void shutdownBroker(int brokerId) {
        ask("stopBroker", Map.of("broker", known(brokerId)));
    }

    boolean isConsistent() {
        return ask("isConsistent", Map.of()).get("yes").asBoolean();
    }

    /** Of a node that ended by itself; empty where none did. */
    List<String> deaths() {
        JsonNode death = ask("death", Map.of());
        return death.has("message") ? List.of(death.get("message").asText()) : List.of();
    }

    /** Of the metadata log, up to which this broker knows what is in it. */
    long appliedOffset(int brokerId) {
        return ask("appliedOffset", Map.of("broker", brokerId)).get("offset").asLong();
    }

    /** What a broker has of a partition; empty where it has no replica of it. */
    JsonNode log(int brokerId, TopicPartition partition) {
        return ask("log", Map.of("broker", brokerId, "topic", partition.topic(), "partition", partition.partition()));
    }

    JsonNode topic(int brokerId, Object name) {
        return ask("topic", Map.of("broker", brokerId, "name", name));
    }

    /** A second time it does nothing. Throws where a node had ended by itself: no test may pass then. */
    public void stop() {
        if (stopped) return;
        stopped = true;
        List<String> deaths = deaths();
        ask("stop", Map.of());
        ClusterServer.count(-1);
        if (!deaths.isEmpty()) throw new IllegalStateException(deaths.get(0));
    }

    private JsonNode ask(String what, Map<String, ?> more) {
        Map<String, Object> question = new HashMap<>(more);
        question.put("cluster", cluster.get("cluster").asInt());
        return ClusterServer.ask(what, question);
    }

    private int known(int brokerId) {
        if (!brokers.containsKey(brokerId)) throw new IllegalArgumentException("Unknown brokerId " + brokerId);
        return brokerId;
    }

    /** As server.properties of the broker would have them. */
    private Properties properties(Wanted wanted, int brokerId) {
        Properties properties = new Properties();
        properties.putAll(texts(wanted.config));
        properties.putAll(wanted.configs.getOrDefault(brokerId, Map.of()));
        int controllerPort = cluster.get("controllerPort").asInt();
        properties.putAll(Map.of(
            "process.roles", "broker",
            "node.id", String.valueOf(brokerId),
            "controller.quorum.voters", TestKitDefaults.CONTROLLER_ID_OFFSET + "@localhost:" + controllerPort,
            "controller.listener.names", "CONTROLLER",
            "log.dirs", cluster.get("folders").get(String.valueOf(brokerId)).asText()));
        String listener = wanted.listener;
        properties.putIfAbsent("listeners", listener + "://localhost:0");
        properties.putIfAbsent("inter.broker.listener.name", listener);
        properties.putIfAbsent("listener.security.protocol.map", listener + ":PLAINTEXT,CONTROLLER:PLAINTEXT");
        return properties;
    }

    /** Tests give numbers, too. */
    private static Map<String, String> texts(Map<String, ?> config) {
        return config.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> String.valueOf(entry.getValue())));
    }
}
