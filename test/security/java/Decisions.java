import java.io.BufferedWriter;
import java.io.OutputStreamWriter;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.utils.SecurityUtils;
import org.apache.kafka.metadata.authorizer.StandardAcl;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;

/**
 * Prints the decisions of Apache Kafka's StandardAuthorizer. The argument names a file with a line for each step, its fields between tabs:
 *   set <super.users> <allow.everyone.if.no.acl.found>                                   begins anew
 *   acl <resource type> <name> <pattern type> <principal> <host> <operation> <permission>
 *   ask <principal> <host> <operation> <resource type> <name>                             prints 1 or 0
 *   some <principal> <host> <operation> <resource type>                                   prints 1 or 0
 */
public class Decisions {
  public static void main(String[] args) throws Exception {
    StandardAuthorizer authorizer = null;
    Map<Uuid, StandardAcl> acls = new HashMap<>();
    String[] settings = null;
    try (var out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8))) {
      for (String line : Files.readAllLines(Path.of(args[0]), StandardCharsets.UTF_8)) {
        String[] fields = line.split("\t", -1);
        switch (fields[0]) {
          case "set" -> {
            settings = fields;
            acls = new HashMap<>();
            authorizer = null;
          }
          case "acl" -> acls.put(new Uuid(1, acls.size() + 1), acl(fields));
          default -> {
            if (authorizer == null) authorizer = loaded(settings, acls);
            out.write(allowed(authorizer, fields) ? "1" : "0");
          }
        }
      }
    }
  }

  private static StandardAuthorizer loaded(String[] settings, Map<Uuid, StandardAcl> acls) {
    var authorizer = new StandardAuthorizer();
    authorizer.withPluginMetrics(new PluginMetricsImpl(new Metrics(), Map.of()));
    authorizer.configure(Map.of("super.users", settings[1], "allow.everyone.if.no.acl.found", settings[2]));
    authorizer.loadSnapshot(acls);
    authorizer.completeInitialLoad();
    return authorizer;
  }

  private static StandardAcl acl(String[] f) {
    return new StandardAcl(
        ResourceType.valueOf(f[1]),
        f[2],
        PatternType.valueOf(f[3]),
        f[4],
        f[5],
        AclOperation.valueOf(f[6]),
        AclPermissionType.valueOf(f[7]));
  }

  private static boolean allowed(StandardAuthorizer authorizer, String[] f) throws Exception {
    var context = new Context(SecurityUtils.parseKafkaPrincipal(f[1]), InetAddress.getByName(f[2]));
    var operation = AclOperation.valueOf(f[3]);
    var type = ResourceType.valueOf(f[4]);
    if (f[0].equals("some"))
      return authorizer.authorizeByResourceType(context, operation, type) == AuthorizationResult.ALLOWED;
    var action = new Action(operation, new ResourcePattern(type, f[5], PatternType.LITERAL), 1, false, false);
    return authorizer.authorize(context, List.of(action)).get(0) == AuthorizationResult.ALLOWED;
  }

  private record Context(KafkaPrincipal principal, InetAddress clientAddress) implements AuthorizableRequestContext {
    @Override
    public String listenerName() {
      return "PLAINTEXT";
    }

    @Override
    public SecurityProtocol securityProtocol() {
      return SecurityProtocol.PLAINTEXT;
    }

    @Override
    public int requestType() {
      return 0;
    }

    @Override
    public int requestVersion() {
      return 0;
    }

    @Override
    public String clientId() {
      return "client";
    }

    @Override
    public int correlationId() {
      return 0;
    }
  }
}
