package millrace;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import kafka.network.SocketServer;
import kafka.server.BrokerServer;
import kafka.server.KafkaApis;
import kafka.server.KafkaConfig;
import kafka.server.SharedServer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.apache.kafka.image.loader.MetadataLoader;
import org.apache.kafka.metadata.BrokerState;
import org.apache.kafka.metadata.KRaftMetadataCache;
import org.apache.kafka.metadata.LeaderAndIsr;
import org.apache.kafka.metadata.LeaderRecoveryState;

/**
 * A broker of Millrace as the tests see one of Apache Kafka: its life, its config, and what it knows of
 * topics.
 */
final class BrokerStandIn {
    private final Nodes nodes;
    private final int id;
    private final KafkaConfig config;

    private BrokerStandIn(Nodes nodes, int id, KafkaConfig config) {
        this.nodes = nodes;
        this.id = id;
        this.config = config;
    }

    static BrokerServer of(Nodes nodes, int id, KafkaConfig config) {
        return new BrokerStandIn(nodes, id, config).broker();
    }

    private BrokerServer broker() {
        KRaftMetadataCache topics = topics();
        LogsStandIn logs = new LogsStandIn(nodes, id);
        return InMemory.object(BrokerServer.class, Map.ofEntries(
            Map.entry("config", args -> config),
            Map.entry("clusterId", args -> nodes.clusterId()),
            Map.entry("boundPort", args -> port(args[0])),
            Map.entry("authorizerPlugin", args -> AuthorizerStandIn.of(nodes)),
            Map.entry("socketServer", args -> InMemory.object(
                SocketServer.class, Map.of("boundPort", listener -> port(listener[0])))),
            Map.entry("isShutdown", args -> !nodes.isRunning(id)),
            Map.entry("brokerState", args -> nodes.isRunning(id) ? BrokerState.RUNNING : BrokerState.NOT_RUNNING),
            Map.entry("startup", args -> nothing(() -> nodes.startBroker(id))),
            Map.entry("shutdown", args -> nothing(() -> nodes.shutdownBroker(id))),
            Map.entry("awaitShutdown", args -> null),
            Map.entry("metadataCache", args -> topics),
            Map.entry("replicaManager", args -> logs.replicas()),
            Map.entry("logManager", args -> logs.logs()),
            Map.entry("sharedServer", args -> metadata()),
            Map.entry("dataPlaneRequestProcessor", args -> InMemory.object(
                KafkaApis.class, Map.of(
                    "metadataCache", none -> topics,
                    "authorizerPlugin", none -> AuthorizerStandIn.of(nodes)))),
            Map.entry("groupCoordinator", args -> coordinator())));
    }

    private int port(Object listener) {
        return nodes.port(id, ((ListenerName) listener).value());
    }

    /** Which the tests compare with what the controller has. */
    private SharedServer metadata() {
        return InMemory.object(SharedServer.class, Map.of("loader", args -> InMemory.object(
            MetadataLoader.class, Map.of("lastAppliedOffset", none -> nodes.appliedOffset(id)))));
    }

    private KRaftMetadataCache topics() {
        return InMemory.object(KRaftMetadataCache.class, Map.of(
            "getAliveBrokerNodes", args -> nodes.alive(((ListenerName) args[0]).value()),
            "hasAliveBroker", args -> nodes.isRunning((int) args[0]),
            "numPartitions", args -> partitions(args[0]).map(JsonNode::size),
            "contains", args -> args[0] instanceof TopicPartition one
                ? partitions(one.topic()).filter(all -> all.size() > one.partition()).isPresent()
                : partitions(args[0]).isPresent(),
            "getTopicId", args -> Uuid.fromString(topic(args[0]).path("id").asText(Uuid.ZERO_UUID.toString())),
            "getPartitionLeaderEndpoint", args -> leader(args[0], (int) args[1], (ListenerName) args[2]),
            "getLeaderAndIsr", args -> partitions(args[0])
                .map(all -> all.get((int) args[1])).map(BrokerStandIn::leaderAndIsr)));
    }

    private Optional<Node> leader(Object topic, int partition, ListenerName listener) {
        if (!nodes.isRunning(id)) throw new OutOfReach("what a broker knew before it was stopped");
        return partitions(topic).map(all -> all.get(partition).get("leader").asInt())
            .map(leader -> nodes.alive(listener.value()).stream()
                .filter(node -> node.id() == leader).findFirst().orElse(Node.noNode()));
    }

    private GroupCoordinator coordinator() {
        return InMemory.object(GroupCoordinator.class, Map.of("groupMetadataTopicConfigs", args -> {
            Properties configs = new Properties();
            configs.putAll(Map.of("cleanup.policy", "compact", "compression.type", "producer"));
            return configs;
        }));
    }

    private JsonNode topic(Object name) {
        return nodes.topic(id, name);
    }

    private Optional<JsonNode> partitions(Object topic) {
        return Optional.ofNullable(topic(topic).get("partitions"));
    }

    private static LeaderAndIsr leaderAndIsr(JsonNode partition) {
        List<Integer> isr = new ArrayList<>();
        partition.get("isr").forEach(one -> isr.add(one.asInt()));
        return new LeaderAndIsr(partition.get("leader").asInt(), partition.get("leaderEpoch").asInt(), isr,
            LeaderRecoveryState.RECOVERED, partition.get("partitionEpoch").asInt());
    }

    private static Object nothing(Runnable act) {
        act.run();
        return null;
    }
}
