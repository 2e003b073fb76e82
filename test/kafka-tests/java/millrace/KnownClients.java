package millrace;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kafka.server.KafkaConfig;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.config.internals.BrokerSecurityConfigs;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.KafkaPrincipalBuilder;
import org.apache.kafka.common.security.auth.PlaintextAuthenticationContext;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import scala.jdk.javaapi.CollectionConverters;

/** Who the clients of a listener are, where a test has a principal builder of its own. */
final class KnownClients {
    /** A listener of ours, for what is asked beside a test whose own clients sign in or show certificates. */
    static final String SUPER_USERS = "SUPER_USERS";

    private KnownClients() {
    }

    /**
     * By name, each with its security protocol, what it shows where it encrypts, and the name of the user
     * that all its clients are; null for nobody.
     */
    static List<Map<String, Object>> listeners(KafkaConfig config) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Endpoint endpoint : CollectionConverters.asJava(config.effectiveAdvertisedBrokerListeners()))
            all.add(listener(endpoint.listener(), endpoint.securityProtocol(), Certificates.of(config, endpoint),
                endpoint.securityProtocol() == SecurityProtocol.PLAINTEXT
                    ? user(config.originals(), endpoint.listener()) : null));
        if (config.interBrokerSecurityProtocol() != SecurityProtocol.PLAINTEXT)
            all.add(listener(SUPER_USERS, SecurityProtocol.PLAINTEXT, Map.of(), "test-kit"));
        return all;
    }

    private static Map<String, Object> listener(
        String name, SecurityProtocol protocol, Map<String, String> certificates, String user) {
        Map<String, Object> listener = new HashMap<>();
        listener.put("name", name);
        listener.put("security", protocol.name);
        listener.put("certificates", certificates.isEmpty() ? null : certificates);
        listener.put("user", user);
        return listener;
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
