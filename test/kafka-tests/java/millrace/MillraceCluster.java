package millrace;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import kafka.server.ControllerServer;
import kafka.server.KafkaBroker;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.test.ClusterInstance;
import org.apache.kafka.test.TestUtils;
import org.apache.kafka.common.test.api.ClusterConfig;
import org.apache.kafka.common.test.api.TestKitDefaults;
import org.apache.kafka.common.test.api.Type;
import org.apache.kafka.server.common.MetadataVersion;
import org.apache.kafka.server.fault.FaultHandlerException;

/** A cluster of Millrace where the tests expect one of Apache Kafka. */
public final class MillraceCluster implements ClusterInstance {
    private static final long PATIENCE_MS = 60_000;
    private final ClusterConfig config;
    private final Map<Integer, KafkaBroker> brokers = new TreeMap<>();
    private JsonNode cluster;
    private boolean stopped;

    public MillraceCluster(ClusterConfig config) {
        this.config = config;
    }

    @Override
    public void start() {
        if (cluster != null) return;
        if (config.brokerSecurityProtocol().name.startsWith("SASL"))
            throw new UnsupportedOperationException("The test signs in by SASL/PLAIN, which Millrace does not have.");
        Map<String, Object> wanted = new HashMap<>();
        wanted.put("brokers", config.numBrokers());
        wanted.put("listener", clientListener().value());
        wanted.put("config", config.serverProperties());
        wanted.put("configs", config.perServerOverrideProperties());
        cluster = ClusterServer.ask("start", wanted);
        for (int id = 0; id < config.numBrokers(); id++)
            brokers.put(id, BrokerStandIn.of(this, id, properties(id)));
        setFeatures();
    }

    /** To the levels that the test asks for; without being asked a cluster has the newest that there are. */
    private void setFeatures() {
        Map<String, Short> wanted = new HashMap<>();
        config.features().forEach((feature, level) -> wanted.put(feature.featureName(), level));
        if (config.metadataVersion().isLessThan(MetadataVersion.LATEST_PRODUCTION))
            wanted.put(MetadataVersion.FEATURE_NAME, config.metadataVersion().featureLevel());
        if (wanted.isEmpty()) return;
        try (Admin admin = admin()) {
            Map<String, FinalizedVersionRange> there =
                admin.describeFeatures().featureMetadata().get().finalizedFeatures();
            Map<String, FeatureUpdate> updates = new HashMap<>();
            wanted.forEach((name, level) -> {
                int now = there.containsKey(name) ? there.get(name).maxVersionLevel() : 0;
                if (level != now) updates.put(name, new FeatureUpdate(level, level > now
                    ? FeatureUpdate.UpgradeType.UPGRADE : FeatureUpdate.UpgradeType.UNSAFE_DOWNGRADE));
            });
            if (!updates.isEmpty()) admin.updateFeatures(updates, new UpdateFeaturesOptions()).all().get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("The features " + wanted + " could not be set", e);
        }
    }

    @Override
    public void stop() {
        stopped = true;
        if (cluster != null) ask("stop", Map.of());
    }

    @Override
    public boolean started() {
        return cluster != null;
    }

    @Override
    public boolean stopped() {
        return stopped;
    }

    @Override
    public void shutdownBroker(int brokerId) {
        ask("stopBroker", Map.of("broker", known(brokerId)));
    }

    @Override
    public void startBroker(int brokerId) {
        ask("startBroker", Map.of("broker", known(brokerId)));
    }

    @Override
    public Type type() {
        return Type.KRAFT;
    }

    @Override
    public ClusterConfig config() {
        return config;
    }

    @Override
    public Map<Integer, KafkaBroker> brokers() {
        return brokers;
    }

    @Override
    public Map<Integer, ControllerServer> controllers() {
        return new ControllersStandIn(this);
    }

    @Override
    public Set<Integer> controllerIds() {
        return Set.of(TestKitDefaults.CONTROLLER_ID_OFFSET);
    }

    @Override
    public ListenerName clientListener() {
        return config.brokerListenerName();
    }

    @Override
    public ListenerName controllerListenerName() {
        return config.controllerListenerName();
    }

    @Override
    public List<Integer> controllerBoundPorts() {
        throw new OutOfReach("the controller's listener");
    }

    @Override
    public String bootstrapServers() {
        return brokers.keySet().stream().map(id -> "localhost:" + port(id)).collect(Collectors.joining(","));
    }

    /** A client that asked there would be refused, and would try again for a minute. */
    @Override
    public String bootstrapControllers() {
        throw new OutOfReach("the controller's listener, which lets in only the nodes of its cluster");
    }

    @Override
    public List<Integer> brokerBoundPorts() {
        return brokers.keySet().stream().map(this::port).toList();
    }

    @Override
    public String clusterId() {
        return cluster.get("clusterId").asText();
    }

    @Override
    public Set<GroupProtocol> supportedGroupProtocols() {
        String protocols = config.serverProperties().getOrDefault("group.coordinator.rebalance.protocols", "consumer");
        return protocols.contains("consumer")
            ? Set.of(GroupProtocol.CLASSIC, GroupProtocol.CONSUMER) : Set.of(GroupProtocol.CLASSIC);
    }

    @Override
    public Optional<FaultHandlerException> firstFatalException() {
        return ask("death", Map.of()).has("message")
            ? Optional.of(new FaultHandlerException("A node of Millrace died.")) : Optional.empty();
    }

    @Override
    public Optional<FaultHandlerException> firstNonFatalException() {
        return Optional.empty();
    }

    @Override
    public void waitForReadyBrokers() {
        // A cluster that was started serves.
    }

    @Override
    public void waitTopicCreation(String topic, int partitions) throws InterruptedException {
        if (partitions <= 0)
            throw new IllegalArgumentException("Partition count must be > 0, but was " + partitions);
        TestUtils.waitForCondition(() -> aliveBrokers().values().stream().allMatch(broker ->
            broker.metadataCache().numPartitions(topic).equals(Optional.of(partitions))),
            PATIENCE_MS, topic + " metadata not propagated after 60000 ms");
    }

    @Override
    public void waitTopicDeletion(String topic) throws InterruptedException {
        TestUtils.waitForCondition(() -> aliveBrokers().values().stream().allMatch(broker ->
            broker.metadataCache().numPartitions(topic).isEmpty()),
            PATIENCE_MS, topic + " metadata not propagated after 60000 ms");
    }

    @Override
    public void ensureConsistentMetadata(Collection<KafkaBroker> some, Collection<ControllerServer> controllers)
        throws InterruptedException {
        TestUtils.waitForCondition(() -> ask("isConsistent", Map.of()).get("yes").asBoolean(),
            PATIENCE_MS, "Timeout waiting for controller metadata propagating to brokers");
    }

    /** As each broker knows them, asked as a client would. */
    @Override
    public void waitAcls(AclBindingFilter filter, Collection<AccessControlEntry> entries) throws InterruptedException {
        try (var admin = admin()) {
            TestUtils.waitForCondition(() -> {
                Set<AccessControlEntry> there = admin.describeAcls(filter).values().get().stream()
                    .map(AclBinding::entry).collect(Collectors.toSet());
                return there.containsAll(entries) && entries.containsAll(there);
            }, PATIENCE_MS, "expected acls: " + entries);
        }
        ensureConsistentMetadata();
    }

    JsonNode ask(String what, Map<String, ?> more) {
        Map<String, Object> question = new HashMap<>(more);
        question.put("cluster", cluster.get("cluster").asInt());
        return ClusterServer.ask(what, question);
    }

    int port(int brokerId) {
        return cluster.get("ports").get(String.valueOf(brokerId)).asInt();
    }

    boolean isRunning(int brokerId) {
        return !stopped && ask("isRunning", Map.of("broker", brokerId)).get("yes").asBoolean();
    }

    private int known(int brokerId) {
        if (!brokers.containsKey(brokerId)) throw new IllegalArgumentException("Unknown brokerId " + brokerId);
        return brokerId;
    }

    /** As server.properties of the broker would have them. */
    private Properties properties(int brokerId) {
        String listener = clientListener().value();
        Properties properties = new Properties();
        properties.putAll(config.serverProperties());
        properties.putAll(config.perServerOverrideProperties().getOrDefault(brokerId, Map.of()));
        properties.putAll(Map.of(
            "process.roles", "broker",
            "node.id", String.valueOf(brokerId),
            "controller.quorum.voters", TestKitDefaults.CONTROLLER_ID_OFFSET + "@localhost:" + cluster.get("controllerPort").asInt(),
            "controller.listener.names", "CONTROLLER",
            "log.dirs", cluster.get("folders").get(String.valueOf(brokerId)).asText()));
        properties.putIfAbsent("listeners", listener + "://localhost:0");
        properties.putIfAbsent("inter.broker.listener.name", listener);
        properties.putIfAbsent("listener.security.protocol.map", listener + ":PLAINTEXT,CONTROLLER:PLAINTEXT");
        return properties;
    }
}
