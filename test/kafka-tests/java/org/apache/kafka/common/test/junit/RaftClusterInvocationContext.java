package org.apache.kafka.common.test.junit;

import java.util.List;
import millrace.MillraceCluster;
import org.apache.kafka.common.test.api.ClusterConfig;
import org.apache.kafka.common.test.api.Type;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;

/**
 * Has the name of the class with which Apache Kafka's JUnit extension starts a cluster for a test, and stands
 * before it in the class path: the cluster is one of Millrace.
 */
public final class RaftClusterInvocationContext implements TestTemplateInvocationContext {
    private final String name;
    private final ClusterConfig config;
    private final boolean isCombined;

    public RaftClusterInvocationContext(String name, ClusterConfig config, boolean isCombined) {
        this.name = name;
        this.config = config;
        this.isCombined = isCombined;
    }

    @Override
    public String getDisplayName(int index) {
        return name + " [" + index + "]";
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
        MillraceCluster cluster = new MillraceCluster(config);
        return List.of(
            (ExecutionCondition) context -> isTwin()
                ? ConditionEvaluationResult.disabled("Millrace has no controller in the process of a broker")
                : ConditionEvaluationResult.enabled(""),
            (BeforeEachCallback) context -> {
                if (config.isAutoStart()) cluster.start();
            },
            (AfterTestExecutionCallback) context -> cluster.stop(),
            new ClusterInstanceParameterResolver(cluster));
    }

    /** The same test with a controller in a process of its own runs, too. */
    private boolean isTwin() {
        return isCombined && config.clusterTypes().contains(Type.KRAFT);
    }
}
