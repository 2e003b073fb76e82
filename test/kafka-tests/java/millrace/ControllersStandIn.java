package millrace;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Set;
import java.util.function.Supplier;
import kafka.server.ControllerServer;

/**
 * The controllers of a cluster of Millrace as the tests see those of Apache Kafka: there are none to go
 * through, whose logs a test would compare with those of brokers; by any id there is the one that it has.
 */
final class ControllersStandIn extends AbstractMap<Integer, ControllerServer> {
    private final Supplier<Nodes> nodes;

    ControllersStandIn(Supplier<Nodes> nodes) {
        this.nodes = nodes;
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
        return nodes.get().controller();
    }
}
