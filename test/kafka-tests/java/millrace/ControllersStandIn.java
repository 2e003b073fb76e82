package millrace;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import kafka.server.ControllerServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TopicListing;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.controller.Controller;

/**
 * The controllers of a cluster of Millrace as the tests see those of Apache Kafka: there are none to go
 * through, whose logs a test would compare with those of brokers; by its id each answers which topics there
 * are.
 */
final class ControllersStandIn extends AbstractMap<Integer, ControllerServer> {
    private final MillraceCluster cluster;

    ControllersStandIn(MillraceCluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public Set<Entry<Integer, ControllerServer>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return 0;
            }

            @Override
            public Iterator<Entry<Integer, ControllerServer>> iterator() {
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return false;
                    }

                    @Override
                    public Entry<Integer, ControllerServer> next() {
                        throw new OutOfReach("a controller");
                    }
                };
            }
        };
    }

    @Override
    public ControllerServer get(Object id) {
        return InMemory.object(ControllerServer.class, Map.of("controller", args -> controller()));
    }

    private Controller controller() {
        return InMemory.object(Controller.class, Map.of(
            "findAllTopicIds", args -> CompletableFuture.completedFuture(topicIds())));
    }

    private Map<String, Uuid> topicIds() throws Exception {
        try (Admin admin = cluster.admin()) {
            return admin.listTopics(new ListTopicsOptions().listInternal(true)).listings().get().stream()
                .collect(Collectors.toMap(TopicListing::name, TopicListing::topicId));
        }
    }
}
