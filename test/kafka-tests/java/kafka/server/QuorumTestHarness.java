package kafka.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import kafka.utils.Logging;
import kafka.utils.TestInfoUtils;
import millrace.Nodes;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.apache.kafka.server.common.TransactionVersion;
import org.apache.kafka.server.fault.MockFaultHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.provider.Arguments;
import org.mockito.Mockito;
import scala.Option;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Has the name of the class from which Apache Kafka's tests in Scala get their controller and brokers, and
 * stands before it in the class path: both are Millrace's. Names with a dollar are what Scala's compiler
 * makes of fields and of arguments that may be left out.
 */
@Tag("integration")
public abstract class QuorumTestHarness implements Logging {
    private final QuorumTestHarnessFaultHandlerFactory faultHandlerFactory =
        new QuorumTestHarnessFaultHandlerFactory(new MockFaultHandler("quorumTestHarnessFaultHandler"));
    private String logIdent;
    private TestInfo testInfo;
    private Nodes nodes;

    public static Stream<Arguments> getTestGroupProtocolParametersAll() {
        return QuorumTestHarness$.MODULE$.getTestGroupProtocolParametersAll();
    }

    public static Stream<Arguments> getTestGroupProtocolParametersClassicGroupProtocolOnly() {
        return QuorumTestHarness$.MODULE$.getTestGroupProtocolParametersClassicGroupProtocolOnly();
    }

    public static Stream<Arguments> getTestGroupProtocolParametersConsumerGroupProtocolOnly() {
        return QuorumTestHarness$.MODULE$.getTestGroupProtocolParametersConsumerGroupProtocolOnly();
    }

    @BeforeEach
    public void setUp(TestInfo test) {
        testInfo = test;
        Map<String, Object> config = new HashMap<>();
        kraftControllerConfigs(test).head().forEach((name, value) -> config.put(name.toString(), value));
        nodes = new Nodes(new Nodes.Wanted(0, "", config, Map.of()));
        format();
    }

    /** What the test would have a controller's log formatted with. */
    private void format() {
        Map<String, Short> levels = new HashMap<>();
        List<String> users = new ArrayList<>();
        if (!TestInfoUtils.isTransactionV2Enabled(testInfo))
            levels.put(TransactionVersion.FEATURE_NAME, TransactionVersion.TV_1.featureLevel());
        addFormatterSettings(Mockito.mock(Formatter.class, call -> {
            if (call.getMethod().getName().equals("setFeatureLevel"))
                levels.put(call.getArgument(0), call.getArgument(1));
            if (call.getMethod().getName().equals("setScramArguments")) users.addAll(call.getArgument(0));
            return call.getMock();
        }));
        if (metadataVersion().isLessThan(MetadataVersion.LATEST_PRODUCTION))
            levels.put(MetadataVersion.FEATURE_NAME, metadataVersion().featureLevel());
        nodes.want(levels, users);
    }

    @AfterEach
    public void tearDown() {
        if (nodes != null) nodes.stop();
    }

    public KafkaBroker createBroker(KafkaConfig config, Time time, boolean starts, Option<String> threads) {
        return nodes.add(config, starts);
    }

    public Time createBroker$default$2() {
        return Time.SYSTEM;
    }

    public boolean createBroker$default$3() {
        return true;
    }

    public Option<String> createBroker$default$4() {
        return Option.empty();
    }

    public ControllerServer controllerServer() {
        return nodes.controller();
    }

    public Seq<ControllerServer> controllerServers() {
        return sequence(controllerServer());
    }

    public Option<GroupProtocol> maybeGroupProtocolSpecified() {
        return TestInfoUtils.maybeGroupProtocolSpecified(testInfo);
    }

    public GroupProtocol groupProtocolFromTestParameters() {
        return maybeGroupProtocolSpecified().get();
    }

    public QuorumTestHarnessFaultHandlerFactory faultHandlerFactory() {
        return faultHandlerFactory;
    }

    public MockFaultHandler faultHandler() {
        return faultHandlerFactory.faultHandler();
    }

    // What follows tests override; Millrace has nothing like the security protocols of a controller.

    public Seq<Properties> kraftControllerConfigs(TestInfo test) {
        return sequence(new Properties());
    }

    public SecurityProtocol controllerListenerSecurityProtocol() {
        return SecurityProtocol.PLAINTEXT;
    }

    public Seq<SecurityProtocol> extraControllerSecurityProtocols() {
        return sequence();
    }

    public MetadataVersion metadataVersion() {
        return MetadataVersion.latestTesting();
    }

    public void addFormatterSettings(Formatter formatter) {
    }

    @Override
    public String logIdent() {
        return logIdent;
    }

    @Override
    public void logIdent_$eq(String ident) {
        logIdent = ident;
    }

    @SafeVarargs
    private static <T> Seq<T> sequence(T... all) {
        return CollectionConverters.asScala(List.of(all)).toSeq();
    }
}
