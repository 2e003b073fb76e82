package kafka.security.minikdc;

import java.io.File;
import java.util.List;
import java.util.Properties;

/**
 * Has the name of the Kerberos server that Apache Kafka's tests of authorization can start, and stands before
 * it in the class path, since the tests that run here load its class and start none.
 */
public final class MiniKdc {
    public MiniKdc(Properties config, File folder) {
        throw new UnsupportedOperationException("The test signs in by Kerberos, which Millrace does not have.");
    }

    public static Properties createConfig() {
        return new Properties();
    }

    public void start() {
        // There is none: the constructor throws.
    }

    public void stop() {
        // There is none: the constructor throws.
    }

    public void createPrincipal(File keytab, List<String> principals) {
        // There is none: the constructor throws.
    }
}
