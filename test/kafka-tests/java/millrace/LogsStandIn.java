package millrace;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import kafka.cluster.Partition;
import kafka.log.LogManager;
import kafka.server.ReplicaManager;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.storage.internals.log.ProducerStateEntry;
import org.apache.kafka.storage.internals.log.ProducerStateManager;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/** The logs of a broker of Millrace as the tests look into those of Apache Kafka: offsets and producers. */
final class LogsStandIn {
    private final Nodes nodes;
    private final int brokerId;

    LogsStandIn(Nodes nodes, int brokerId) {
        this.nodes = nodes;
        this.brokerId = brokerId;
    }

    ReplicaManager replicas() {
        return InMemory.object(ReplicaManager.class, Map.of(
            "logManager", args -> logs(),
            "onlinePartition", args -> find(args[0]).map(state -> partition(args[0], state)),
            "getLog", args -> find(args[0]).map(state -> log(args[0], state)),
            "localLog", args -> find(args[0]).map(state -> log(args[0], state)),
            "localLogOrException", args -> log(args[0], get(args[0]))));
    }

    LogManager logs() {
        return InMemory.object(LogManager.class, Map.of(
            "getLog$default$2", args -> false,
            "liveLogDirs", args -> CollectionConverters.asScala(List.of(new File(nodes.folder(brokerId)))).toSeq(),
            "producerStateManagerConfig", args -> InMemory.object(ProducerStateManagerConfig.class, Map.of(
                "producerIdExpirationMs", none -> Integer.parseInt(nodes.config(brokerId, "producer.id.expiration.ms")))),
            "getLog", args -> {
                Option<UnifiedLog> open = find(args[0]).map(state -> log(args[0], state));
                return open.isDefined() ? open : closed((TopicPartition) args[0]);
            }));
    }

    /** That of a broker which does not run; empty where it has none. */
    private Option<UnifiedLog> closed(TopicPartition partition) {
        File folder = folder(partition);
        if (nodes.isRunning(brokerId) || !folder.isDirectory()) return Option.empty();
        return Option.apply(InMemory.object(UnifiedLog.class, Map.of("dir", args -> folder)));
    }

    private File folder(Object partition) {
        return new File(nodes.folder(brokerId), partition.toString());
    }

    private Option<JsonNode> find(Object partition) {
        JsonNode log = nodes.log(brokerId, (TopicPartition) partition);
        return log.has("endOffset") ? Option.apply(log) : Option.empty();
    }

    private JsonNode get(Object partition) {
        Option<JsonNode> found = find(partition);
        if (found.isEmpty()) throw new NoSuchElementException("Broker " + brokerId + " has no log of " + partition);
        return found.get();
    }

    private Partition partition(Object name, JsonNode state) {
        boolean leads = state.get("isLeader").asBoolean();
        return InMemory.object(Partition.class, Map.of(
            "isLeader", args -> leads,
            "getLeaderEpoch", args -> state.get("leaderEpoch").asInt(),
            "leaderLogIfLocal", args -> leads ? Option.apply(log(name, state)) : Option.empty(),
            "localLogOrException", args -> log(name, state)));
    }

    /** As it was when it was asked for. */
    private UnifiedLog log(Object partition, JsonNode state) {
        return InMemory.object(UnifiedLog.class, Map.of(
            "dir", args -> folder(partition),
            "logStartOffset", args -> state.get("logStartOffset").asLong(),
            "logEndOffset", args -> state.get("endOffset").asLong(),
            "highWatermark", args -> state.get("highWatermark").asLong(),
            "lastStableOffset", args -> state.get("lastStableOffset").asLong(),
            "producerStateManager", args -> InMemory.object(ProducerStateManager.class, Map.of(
                "activeProducers", none -> producers(state.get("producers"))))));
    }

    private static Map<Long, ProducerStateEntry> producers(JsonNode all) {
        Map<Long, ProducerStateEntry> producers = new HashMap<>();
        all.forEach(one -> {
            long id = one.get("producerId").asLong();
            long first = one.get("firstOffset").asLong();
            producers.put(id, new ProducerStateEntry(id, (short) one.get("producerEpoch").asInt(),
                one.get("coordinatorEpoch").asInt(), one.get("lastTimestamp").asLong(),
                first < 0 ? OptionalLong.empty() : OptionalLong.of(first)));
        });
        return producers;
    }
}
