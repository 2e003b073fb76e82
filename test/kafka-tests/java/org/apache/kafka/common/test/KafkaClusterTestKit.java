package org.apache.kafka.common.test;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import kafka.raft.KafkaRaftManager;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import millrace.Nodes;
import millrace.OutOfReach;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.controller.Controller;
import org.apache.kafka.server.common.ApiMessageAndVersion;

/**
 * Has the name of the class through which the tests of Kafka Streams and Kafka Connect start the brokers of
 * their embedded clusters, and some of Kafka's core their own, and stands before it in the class path: the brokers are Millrace's.
 */
public final class KafkaClusterTestKit implements AutoCloseable {
    private final TestKitNodes wanted;
    private final Map<String, Object> config;
    private final MockFaultHandler faults = new MockFaultHandler("nonFatalFaultHandler");
    private Nodes nodes;

    private KafkaClusterTestKit(TestKitNodes wanted, Map<String, Object> config) {
        this.wanted = wanted;
        this.config = config;
    }

    /** Millrace has one controller, and keeps nothing of a cluster that was closed. */
    public static final class Builder {
        private final TestKitNodes nodes;
        private final Map<String, Object> config = new HashMap<>();

        public Builder(TestKitNodes nodes) {
            this.nodes = nodes;
        }

        public Builder setConfigProp(String key, Object value) {
            config.put(key, value);
            return this;
        }

        public Builder setStandalone(boolean standalone) {
            return this;
        }

        public Builder setInitialVoterSet(Map<Integer, Uuid> voters) {
            return this;
        }

        public Builder setDeleteOnClose(boolean deletes) {
            return this;
        }

        public KafkaClusterTestKit build() {
            return new KafkaClusterTestKit(nodes, config);
        }
    }

    public void format() {
        // A cluster of Millrace formats itself when it starts.
    }

    public void startup() {
        if (config.getOrDefault("listener.security.protocol.map", "").toString().contains("SSL"))
            throw new UnsupportedOperationException("The test gives certificates by configs, and Millrace where a listener is given.");
        Map<Integer, Map<String, String>> configs = wanted.brokerNodes().entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().propertyOverrides()));
        nodes = new Nodes(new Nodes.Wanted(configs.size(), wanted.brokerListenerName().value(), config, configs));
    }

    public void waitForReadyBrokers() {
        // A cluster that was started serves.
    }

    public String bootstrapServers() {
        return started().bootstrapServers();
    }

    public Admin admin() {
        return admin(Map.of());
    }

    public Admin admin(Map<String, Object> more) {
        return admin(more, false);
    }

    public Admin admin(Map<String, Object> more, boolean asksControllers) {
        if (asksControllers) throw new OutOfReach("the controller's listener, which lets in only the nodes of its cluster");
        Map<String, Object> all = new HashMap<>(more);
        all.put("bootstrap.servers", bootstrapServers());
        return Admin.create(all);
    }

    /** As the test would have them. */
    public TestKitNodes nodes() {
        return wanted;
    }

    public Map<Integer, ControllerServer> controllers() {
        throw new OutOfReach("a controller");
    }

    public Controller waitForActiveController() {
        throw new OutOfReach("a controller");
    }

    public Map<Integer, KafkaRaftManager<ApiMessageAndVersion>> raftManagers() {
        throw new OutOfReach("the log of a controller");
    }

    public MockFaultHandler fatalFaultHandler() {
        throw new OutOfReach("what a controller does when it fails");
    }

    public Map<Integer, BrokerServer> brokers() {
        return started().brokers();
    }

    public MockFaultHandler nonFatalFaultHandler() {
        return faults;
    }

    @Override
    public void close() {
        if (nodes != null) nodes.stop();
    }

    private Nodes started() {
        if (nodes == null) throw new IllegalStateException("The cluster was not started.");
        return nodes;
    }
}
