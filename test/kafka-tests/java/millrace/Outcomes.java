package millrace;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Appends one line of JSON to the file `millrace.outcomes` for each test that ended, and for each class that
 * failed.
 */
public final class Outcomes implements TestExecutionListener {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path FILE = Path.of(System.getProperty("millrace.outcomes"));
    private final Map<String, Begin> begun = new ConcurrentHashMap<>();

    private record Begin(long nanoTime, int questions) {
        static Begin now() {
            return new Begin(System.nanoTime(), ClusterServer.questions());
        }
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        begun.put(test.getUniqueId(), Begin.now());
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        if (test.isTest()) write(test, "skipped", reason, "");
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        boolean hasFailed = result.getStatus() != TestExecutionResult.Status.SUCCESSFUL;
        if (!test.isTest() && !hasFailed) return;
        StringWriter trace = new StringWriter();
        result.getThrowable().ifPresent(reason -> reason.printStackTrace(new PrintWriter(trace)));
        String reason = result.getThrowable().map(Outcomes::reasons).orElse("");
        write(test, hasFailed ? "failed" : "passed", reason, trace.toString());
    }

    /** What was thrown, and what each of these came from. */
    private static String reasons(Throwable thrown) {
        Throwable cause = thrown.getCause();
        return cause == null || cause == thrown ? thrown.toString() : thrown + " <- " + reasons(cause);
    }

    private void write(TestIdentifier test, String outcome, String reason, String trace) {
        Map<String, Object> line = new HashMap<>();
        line.put("test", test.getSource().map(source -> source instanceof MethodSource method
            ? method.getClassName() + "." + method.getMethodName()
            : source instanceof ClassSource container ? container.getClassName() + ".*" : "").orElse(""));
        line.put("name", test.getDisplayName());
        line.put("outcome", outcome);
        line.put("reason", reason);
        line.put("trace", trace);
        Begin start = begun.getOrDefault(test.getUniqueId(), Begin.now());
        line.put("seconds", (System.nanoTime() - start.nanoTime) / 1e9);
        line.put("hasCluster", ClusterServer.hasCluster() || ClusterServer.questions() > start.questions);
        try {
            String text = JSON.writeValueAsString(line) + "\n";
            Files.writeString(FILE, text, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
