package millrace;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import kafka.server.ControllerServer;
import kafka.server.KafkaBroker;
import org.apache.kafka.clients.admin.Admin;
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
    private Nodes nodes;
    private boolean stopped;

    public MillraceCluster(ClusterConfig config) {
        this.config = config;
    }

    @Override
    public void start() {
        if (nodes != null) return;
        if (config.brokerSecurityProtocol().name.startsWith("SASL"))
            throw new UnsupportedOperationException("The test signs in by SASL/PLAIN, which Millrace does not have.");
        nodes = new Nodes(new Nodes.Wanted(config.numBrokers(), clientListener().value(),
            config.serverProperties(), config.perServerOverrideProperties()));
        setFeatures();
    }

    private void setFeatures() {
        Map<String, Short> wanted = new HashMap<>();
        config.features().forEach((feature, level) -> wanted.put(feature.featureName(), level));
        if (config.metadataVersion().isLessThan(MetadataVersion.LATEST_PRODUCTION))
            wanted.put(MetadataVersion.FEATURE_NAME, config.metadataVersion().featureLevel());
        Features.set(nodes, wanted);
    }

    @Override
    public void stop() {
        stopped = true;
        if (nodes != null) nodes.stop();
    }

    @Override
    public boolean started() {
        return nodes != null;
    }

    @Override
    public boolean stopped() {
        return stopped;
    }

    @Override
    public void shutdownBroker(int brokerId) {
        nodes.shutdownBroker(brokerId);
    }

    @Override
    public void startBroker(int brokerId) {
        nodes.startBroker(brokerId);
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
        return nodes == null ? Map.of() : Map.copyOf(nodes.brokers());
    }

    @Override
    public Map<Integer, ControllerServer> controllers() {
        return new ControllersStandIn(() -> nodes);
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
        return nodes.bootstrapServers();
    }

    /** A client that asked there would be refused, and would try again for a minute. */
    @Override
    public String bootstrapControllers() {
        throw new OutOfReach("the controller's listener, which lets in only the nodes of its cluster");
    }

    @Override
    public List<Integer> brokerBoundPorts() {
        return List.copyOf(nodes.ports());
    }

    @Override
    public String clusterId() {
        return nodes.clusterId();
    }

    @Override
    public Set<GroupProtocol> supportedGroupProtocols() {
        String protocols = config.serverProperties().getOrDefault("group.coordinator.rebalance.protocols", "consumer");
        return protocols.contains("consumer")
            ? Set.of(GroupProtocol.CLASSIC, GroupProtocol.CONSUMER) : Set.of(GroupProtocol.CLASSIC);
    }

    @Override
    public Optional<FaultHandlerException> firstFatalException() {
        return nodes.deaths().stream().map(FaultHandlerException::new).findFirst();
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
        TestUtils.waitForCondition(nodes::isConsistent,
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
}
