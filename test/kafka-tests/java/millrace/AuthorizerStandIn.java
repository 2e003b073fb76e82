package millrace;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DeleteAclsResult;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.internals.Plugin;
import org.apache.kafka.server.authorizer.AclCreateResult;
import org.apache.kafka.server.authorizer.AclDeleteResult;
import org.apache.kafka.server.authorizer.AclDeleteResult.AclBindingDeleteResult;
import org.apache.kafka.server.authorizer.Authorizer;
import scala.Option;

/** The authorizer of a cluster of Millrace as the tests see one of Apache Kafka: the ACLs that it has. */
final class AuthorizerStandIn {
    private final Nodes nodes;

    private AuthorizerStandIn(Nodes nodes) {
        this.nodes = nodes;
    }

    static Option<Plugin<Authorizer>> of(Nodes nodes) {
        AuthorizerStandIn authorizer = new AuthorizerStandIn(nodes);
        return Option.apply(Plugin.wrapInstance(InMemory.object(Authorizer.class, Map.of(
            "createAcls", args -> authorizer.create(all(AclBinding.class, args[1])),
            "deleteAcls", args -> authorizer.delete(all(AclBindingFilter.class, args[1])),
            "acls", args -> authorizer.find((AclBindingFilter) args[0]))), null, "authorizer.class.name"));
    }

    private static <T> List<T> all(Class<T> type, Object list) {
        return ((List<?>) list).stream().map(type::cast).toList();
    }

    private Collection<AclBinding> find(AclBindingFilter filter) {
        return asked(admin -> got(admin.describeAcls(filter).values()));
    }

    private List<CompletableFuture<AclCreateResult>> create(List<AclBinding> acls) {
        return asked(admin -> {
            Map<AclBinding, KafkaFuture<Void>> created = admin.createAcls(acls).values();
            return acls.stream().map(acl -> result(() -> {
                got(created.get(acl));
                return AclCreateResult.SUCCESS;
            }, AclCreateResult::new)).toList();
        });
    }

    private List<CompletableFuture<AclDeleteResult>> delete(List<AclBindingFilter> filters) {
        return asked(admin -> {
            Map<AclBindingFilter, KafkaFuture<DeleteAclsResult.FilterResults>> deleted =
                admin.deleteAcls(filters).values();
            return filters.stream().map(filter -> result(() -> new AclDeleteResult(
                got(deleted.get(filter)).values().stream()
                    .map(one -> new AclBindingDeleteResult(one.binding(), one.exception())).toList()),
                AclDeleteResult::new)).toList();
        });
    }

    private interface Answer<T> {
        T get();
    }

    private static <T> CompletableFuture<T> result(Answer<T> answer, Function<ApiException, T> refused) {
        try {
            return CompletableFuture.completedFuture(answer.get());
        } catch (CompletionException e) {
            if (e.getCause() instanceof ApiException error) return CompletableFuture.completedFuture(refused.apply(error));
            throw e;
        }
    }

    private static <T> T got(KafkaFuture<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    private <T> T asked(Function<Admin, T> question) {
        try (Admin admin = Admin.create(nodes.asSuperUser())) {
            return question.apply(admin);
        }
    }
}
