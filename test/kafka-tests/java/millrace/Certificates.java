package millrace;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.config.internals.BrokerSecurityConfigs;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.test.TestSslUtils;

/**
 * What a test gives a broker's listener by configs and Millrace is given with the listener itself: the
 * certificate that it shows, and the CAs of its clients.
 */
final class Certificates {
    private Certificates() {
    }

    /** As PEM text, for a listener that encrypts; empty for one that does not. */
    static Map<String, String> of(KafkaConfig config, Endpoint listener) {
        SecurityProtocol protocol = listener.securityProtocol();
        if (protocol != SecurityProtocol.SSL && protocol != SecurityProtocol.SASL_SSL) return Map.of();
        Properties pem = properties(config, listener);
        try {
            if (pem.containsKey(SslConfigs.SSL_KEYSTORE_LOCATION_CONFIG)) TestSslUtils.convertToPemWithoutFiles(pem);
        } catch (Exception e) {
            throw new IllegalStateException("The certificates of " + listener + " could not be read", e);
        }
        Map<String, String> found = new HashMap<>();
        found.put("certificate", text(pem.get(SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG)));
        found.put("key", text(pem.get(SslConfigs.SSL_KEYSTORE_KEY_CONFIG)));
        found.put("keyPassword", text(pem.get(SslConfigs.SSL_KEY_PASSWORD_CONFIG)));
        found.put("clientCas", text(pem.get(SslConfigs.SSL_TRUSTSTORE_CERTIFICATES_CONFIG)));
        found.put("clientAuth", text(pem.getOrDefault(BrokerSecurityConfigs.SSL_CLIENT_AUTH_CONFIG, "none")));
        return found;
    }

    /** Those of the listener before those of the broker. */
    private static Properties properties(KafkaConfig config, Endpoint listener) {
        Properties all = new Properties();
        String name = listener.listener().toLowerCase(Locale.ROOT);
        all.putAll(config.originals());
        all.putAll(config.originalsWithPrefix(new ListenerName(name).configPrefix()));
        return all;
    }

    static String text(Object value) {
        return value instanceof Password password ? password.value() : String.valueOf(value == null ? "" : value);
    }
}
