package millrace;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import kafka.raft.KafkaRaftManager;
import kafka.server.ControllerServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TopicListing;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.controller.Controller;
import org.apache.kafka.raft.LogOffsetMetadata;
import org.apache.kafka.raft.RaftLog;

/**
 * The controller of a cluster of Millrace as the tests see one of Apache Kafka: which topics there are, and
 * how far its log is.
 */
final class ControllerStandIn {
    private final Nodes nodes;

    private ControllerStandIn(Nodes nodes) {
        this.nodes = nodes;
    }

    static ControllerServer of(Nodes nodes) {
        ControllerStandIn controller = new ControllerStandIn(nodes);
        return InMemory.object(ControllerServer.class, Map.of(
            "controller", args -> controller.topics(),
            "authorizerPlugin", args -> AuthorizerStandIn.of(nodes),
            "raftManager", args -> controller.log()));
    }

    private Controller topics() {
        return InMemory.object(Controller.class, Map.of(
            "isActive", args -> true,
            "findAllTopicIds", args -> CompletableFuture.completedFuture(topicIds())));
    }

    private Map<String, Uuid> topicIds() throws Exception {
        try (Admin admin = Admin.create(nodes.asSuperUser())) {
            return admin.listTopics(new ListTopicsOptions().listInternal(true)).listings().get().stream()
                .collect(Collectors.toMap(TopicListing::name, TopicListing::topicId));
        }
    }

    /** It ends where the broker is that knows most. */
    private KafkaRaftManager<?> log() {
        long last = nodes.brokers().keySet().stream().mapToLong(nodes::appliedOffset).max().orElse(-1);
        RaftLog log = InMemory.object(RaftLog.class, Map.of("endOffset", args -> new LogOffsetMetadata(last + 1)));
        return InMemory.object(KafkaRaftManager.class, Map.of("raftLog", args -> log));
    }
}
