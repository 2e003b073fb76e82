package millrace;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import kafka.network.SocketServer;
import kafka.server.KafkaBroker;
import kafka.server.KafkaConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.apache.kafka.metadata.BrokerState;
import org.apache.kafka.metadata.LeaderAndIsr;
import org.apache.kafka.metadata.LeaderRecoveryState;
import org.apache.kafka.metadata.MetadataCache;

/**
 * A broker of Millrace as the tests see one of Apache Kafka: its life, its config, and what it knows of
 * topics.
 */
final class BrokerStandIn {
    private final MillraceCluster cluster;
    private final int id;
    private final Properties properties;

    private BrokerStandIn(MillraceCluster cluster, int id, Properties properties) {
        this.cluster = cluster;
        this.id = id;
        this.properties = properties;
    }

    static KafkaBroker of(MillraceCluster cluster, int id, Properties properties) {
        return new BrokerStandIn(cluster, id, properties).broker();
    }

    private KafkaBroker broker() {
        KafkaConfig config = new KafkaConfig(properties, false);
        MetadataCache topics = topics();
        return InMemory.object(KafkaBroker.class, Map.ofEntries(
            Map.entry("config", args -> config),
            Map.entry("clusterId", args -> cluster.clusterId()),
            Map.entry("boundPort", args -> cluster.port(id)),
            Map.entry("socketServer", args -> InMemory.object(
                SocketServer.class, Map.of("boundPort", listener -> cluster.port(id)))),
            Map.entry("isShutdown", args -> !cluster.isRunning(id)),
            Map.entry("brokerState", args -> cluster.isRunning(id) ? BrokerState.RUNNING : BrokerState.NOT_RUNNING),
            Map.entry("startup", args -> nothing(() -> cluster.startBroker(id))),
            Map.entry("shutdown", args -> nothing(() -> cluster.shutdownBroker(id))),
            Map.entry("awaitShutdown", args -> null),
            Map.entry("metadataCache", args -> topics),
            Map.entry("groupCoordinator", args -> coordinator())));
    }

    private MetadataCache topics() {
        return InMemory.object(MetadataCache.class, Map.of(
            "numPartitions", args -> partitions(args[0]).map(JsonNode::size),
            "contains", args -> args[0] instanceof TopicPartition one
                ? partitions(one.topic()).filter(all -> all.size() > one.partition()).isPresent()
                : partitions(args[0]).isPresent(),
            "getTopicId", args -> Uuid.fromString(topic(args[0]).path("id").asText(Uuid.ZERO_UUID.toString())),
            "getLeaderAndIsr", args -> partitions(args[0])
                .map(all -> all.get((int) args[1])).map(BrokerStandIn::leaderAndIsr)));
    }

    private GroupCoordinator coordinator() {
        return InMemory.object(GroupCoordinator.class, Map.of("groupMetadataTopicConfigs", args -> {
            Properties configs = new Properties();
            configs.putAll(Map.of("cleanup.policy", "compact", "compression.type", "producer"));
            return configs;
        }));
    }

    private JsonNode topic(Object name) {
        return cluster.ask("topic", Map.of("broker", id, "name", name));
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
