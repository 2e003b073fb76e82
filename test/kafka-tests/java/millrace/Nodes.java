package millrace;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.test.api.TestKitDefaults;

/** The brokers of one cluster of Millrace, numbered from 0 on, and what a test asks of them. */
public final class Nodes {
    private JsonNode cluster;
    private final Map<Integer, BrokerServer> brokers = new TreeMap<>();
    /** Names of the listeners through which a test may do everything, by the broker's id. */
    private final Map<Integer, String> listeners = new HashMap<>();
    private boolean stopped;
    private Map<String, Short> features = Map.of();
    private List<String> scramUsers = List.of();
    private final ControllerServer controller = ControllerStandIn.of(this);

    /** What a test wants. `configs`: more of one broker, by its id. */
    public record Wanted(int brokers, String listener, Map<String, ?> config, Map<Integer, Map<String, String>> configs) {
    }

    /** Starts them. Throws with Millrace's sentence where it cannot have the configs. */
    public Nodes(Wanted wanted) {
        if (wanted.brokers > 0 && KnownClients.user(wanted.config, wanted.listener) != null)
            throw new UnsupportedOperationException("The cluster of the test has one listener, whose clients are nobody here.");
        cluster = ClusterServer.ask("start", Map.of(
            "brokers", wanted.brokers,
            "listener", wanted.listener,
            "config", texts(wanted.config),
            "configs", wanted.configs));
        ClusterServer.count(1);
        for (int id = 0; id < wanted.brokers; id++) {
            brokers.put(id, BrokerStandIn.of(this, id, new KafkaConfig(properties(wanted, id), false)));
            listeners.put(id, wanted.listener);
        }
    }

    /** One more, or another in place of one that was shut down. */
    public BrokerServer add(KafkaConfig config, boolean starts) {
        int id = config.brokerId();
        cluster = ask("addBroker", Map.of(
            "broker", id,
            "starts", starts,
            "listeners", KnownClients.listeners(config),
            "config", texts(config.originals())));
        link(config.logDirs(), Path.of(folder(id)));
        brokers.put(id, BrokerStandIn.of(this, id, asStarted(config, cluster.get("config"))));
        boolean isOpen = config.interBrokerSecurityProtocol() == SecurityProtocol.PLAINTEXT;
        listeners.put(id, isOpen ? config.interBrokerListenerName().value() : KnownClients.SUPER_USERS);
        if (starts) prepare();
        return brokers.get(id);
    }

    /** Tests read the files of a broker where its config says. Nothing for several folders: a broker here has one. */
    private static void link(List<String> wanted, Path folder) {
        if (wanted.size() != 1) return;
        Path link = Path.of(wanted.get(0));
        try {
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of the internal configs a broker tells those that it was started with, and a test counts them. */
    private static KafkaConfig asStarted(KafkaConfig wanted, JsonNode started) {
        Map<String, Object> all = new HashMap<>(wanted.originals());
        KafkaConfig.configDef().configKeys().forEach((name, key) -> {
            if (!key.internalConfig) return;
            if (started.has(name)) all.put(name, started.get(name).asText());
            else all.remove(name);
        });
        return new KafkaConfig(all, false);
    }

    /** Levels of features and users of SCRAM, to be set as soon as a broker serves. */
    public void want(Map<String, Short> levels, List<String> users) {
        features = levels;
        scramUsers = users;
    }

    private void prepare() {
        Map<String, Short> levels = features;
        List<String> users = scramUsers;
        features = Map.of();
        scramUsers = List.of();
        Features.set(this, levels);
        ScramUsers.make(this, users);
    }

    /** Configs of a client that may do everything. */
    Map<String, Object> asSuperUser() {
        return Map.of("bootstrap.servers", bootstrapServers());
    }

    public ControllerServer controller() {
        return controller;
    }

    public Map<Integer, BrokerServer> brokers() {
        return brokers;
    }

    /** Of the listeners through which a test may do everything. */
    public String bootstrapServers() {
        return ports().stream().filter(port -> port > 0).map(port -> "localhost:" + port).collect(Collectors.joining(","));
    }

    Collection<Integer> ports() {
        return brokers.keySet().stream().map(this::port).toList();
    }

    private int port(int brokerId) {
        return port(brokerId, listeners.get(brokerId));
    }

    /** Where a broker has one listener, that one is meant by any name. */
    int port(int brokerId, String listener) {
        JsonNode ports = cluster.get("ports").get(String.valueOf(brokerId));
        return (ports.size() == 1 ? ports.iterator().next() : ports.get(listener)).asInt();
    }

    public String clusterId() {
        return cluster.get("clusterId").asText();
    }

    boolean isRunning(int brokerId) {
        return !stopped && ask("isRunning", Map.of("broker", brokerId)).get("yes").asBoolean();
    }

    /** Where clients find them. */
    List<Node> alive(String listener) {
        return brokers.keySet().stream().filter(this::isRunning)
            .map(id -> new Node(id, "localhost", port(id, listener))).toList();
    }

    void startBroker(int brokerId) {
        cluster = ask("startBroker", Map.of("broker", known(brokerId)));
        prepare();
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

    /** As the broker describes it, asked as a client would. */
    String config(int brokerId, String name) throws ExecutionException, InterruptedException {
        ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, String.valueOf(brokerId));
        try (Admin admin = Admin.create(asSuperUser())) {
            return admin.describeConfigs(List.of(broker)).all().get().get(broker).get(name).value();
        }
    }

    /** The log folder of a broker. */
    String folder(int brokerId) {
        return cluster.get("folders").get(String.valueOf(brokerId)).asText();
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
            "log.dirs", folder(brokerId)));
        String listener = wanted.listener;
        properties.putIfAbsent("listeners", listener + "://localhost:0");
        properties.putIfAbsent("inter.broker.listener.name", listener);
        properties.putIfAbsent("listener.security.protocol.map", listener + ":PLAINTEXT,CONTROLLER:PLAINTEXT");
        return properties;
    }

    /** Tests give numbers, too. */
    private static Map<String, String> texts(Map<String, ?> config) {
        return config.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> Certificates.text(entry.getValue())));
    }
}
