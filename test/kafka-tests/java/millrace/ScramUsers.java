package millrace;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/** Users with whom a test has the metadata log formatted. */
final class ScramUsers {
    private static final Pattern USER = Pattern.compile("(.+?)=\\[name=(.+?),password=(.+?)]");
    private static final int ITERATIONS = 4096;

    private ScramUsers() {
    }

    /** `users`: each as kafka-storage takes it, `SCRAM-SHA-256=[name=alice,password=secret]`. */
    static void make(Nodes nodes, List<String> users) {
        if (users.isEmpty()) return;
        try (Admin admin = Admin.create(nodes.asSuperUser())) {
            admin.alterUserScramCredentials(users.stream().map(ScramUsers::parse).toList()).all().get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("The users " + users + " could not be made", e);
        }
    }

    private static UserScramCredentialAlteration parse(String user) {
        Matcher parts = USER.matcher(user);
        if (!parts.matches()) throw new IllegalArgumentException(user + " is no SCRAM user");
        ScramMechanism mechanism = ScramMechanism.fromMechanismName(parts.group(1));
        return new UserScramCredentialUpsertion(
            parts.group(2), new ScramCredentialInfo(mechanism, ITERATIONS), parts.group(3));
    }
}
