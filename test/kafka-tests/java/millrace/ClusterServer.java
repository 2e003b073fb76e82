package millrace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The process that runs clusters of Millrace. Each question is a connection of its own with one line of JSON
 * either way, because a client with threads would be taken for a thread that the test leaks.
 */
public final class ClusterServer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PORT = Integer.getInteger("millrace.port");

    private static volatile int questions;
    private static volatile int clusters;

    private ClusterServer() {
    }

    /** How often it was asked. */
    static int questions() {
        return questions;
    }

    /** Whether a test may use a cluster now: many are started once for all tests of a class. */
    static boolean hasCluster() {
        return clusters > 0;
    }

    /** `change`: one more that runs, or one less. */
    static synchronized void count(int change) {
        clusters += change;
    }

    /** Throws with the server's sentence where the answer is an error. */
    public static JsonNode ask(String what, Map<String, ?> question) {
        questions++;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), PORT)) {
            String line = JSON.writeValueAsString(Map.of("what", what, "with", question)) + "\n";
            socket.getOutputStream().write(line.getBytes(StandardCharsets.UTF_8));
            BufferedReader answers = new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String answer = answers.readLine();
            if (answer == null) throw new IOException("The cluster server ended the connection.");
            JsonNode parsed = JSON.readTree(answer);
            if (parsed.has("error")) throw new IllegalStateException(parsed.get("error").asText());
            return parsed;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
