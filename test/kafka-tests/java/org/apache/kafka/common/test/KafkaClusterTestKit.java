package org.apache.kafka.common.test;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import kafka.server.BrokerServer;
import millrace.Nodes;
import org.apache.kafka.common.Uuid;

/**
 * Has the name of the class through which the tests of Kafka Streams and Kafka Connect start the brokers of
 * their embedded clusters, and stands before it in the class path: the brokers are Millrace's.
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
