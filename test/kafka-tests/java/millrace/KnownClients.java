package millrace;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kafka.server.KafkaConfig;
import org.apache.kafka.common.config.internals.BrokerSecurityConfigs;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.KafkaPrincipalBuilder;
import org.apache.kafka.common.security.auth.PlaintextAuthenticationContext;
import scala.jdk.javaapi.CollectionConverters;

/** Who the clients of a listener are, where a test has a principal builder of its own. */
final class KnownClients {
    private KnownClients() {
    }

    /** By name, each with the name of the user that all its clients are; null for nobody. */
    static List<Map<String, String>> listeners(KafkaConfig config) {
        return CollectionConverters.asJava(config.effectiveAdvertisedBrokerListeners()).stream().map(endpoint -> {
            Map<String, String> listener = new HashMap<>();
            listener.put("name", endpoint.listener());
            listener.put("user", user(config.originals(), endpoint.listener()));
            return listener;
        }).toList();
    }

    /** Null for nobody. Throws where its clients are to be something else than users. */
    static String user(Map<String, ?> config, String listener) {
        String name = BrokerSecurityConfigs.PRINCIPAL_BUILDER_CLASS_CONFIG;
        Object ofAll = config.get(name);
        Object own = config.get(new ListenerName(listener).configPrefix() + name);
        Object builder = own == null ? ofAll : own;
        if (builder == null) return null;
        try {
            KafkaPrincipal principal = ((KafkaPrincipalBuilder) Class.forName(builder.toString())
                .getDeclaredConstructor().newInstance())
                .build(new PlaintextAuthenticationContext(InetAddress.getLoopbackAddress(), listener));
            if (!principal.getPrincipalType().equals(KafkaPrincipal.USER_TYPE))
                throw new UnsupportedOperationException("The test wants principals of the type "
                    + principal.getPrincipalType() + ", and those of Millrace are users.");
            return principal.getName();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(builder + " could not be made", e);
        }
    }
}
