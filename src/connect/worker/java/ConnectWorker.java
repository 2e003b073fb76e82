package millrace;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.StringJoiner;
import javax.management.Attribute;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * Kafka Connect's own worker, with a door on the loopback address through which the control plane reads its metrics: Kafka Connect tells them
 * by JMX alone, which only Java speaks. The door wants the password of the worker's REST interface.
 * {@code scripts/connect-worker-jar.ts} makes connect-worker-jar.ts of this.
 */
public final class ConnectWorker {
  private static final String[] PATTERNS = {
    "kafka.connect:*",
    "kafka.consumer:type=consumer-coordinator-metrics,client-id=*",
    "kafka.consumer:type=consumer-metrics,client-id=*",
    "kafka.producer:type=producer-metrics,client-id=*",
  };

  /** So long the requests that are under way when the worker is to stop have to be answered. */
  private static final long REQUESTS_MS = 2_000;

  public static void main(String[] args) throws Throwable {
    Runtime.getRuntime().addShutdownHook(new Thread(ConnectWorker::endRequests, "millrace-stop"));
    // Plugins look here for the file of the worker's properties, and only behind the name of Kafka Connect's own program (Iceberg's sink).
    System.setProperty("sun.java.command", "org.apache.kafka.connect.cli.ConnectDistributed " + String.join(" ", args));
    // A server takes after the thread that makes it: this one keeps no worker from ending.
    Thread opener = new Thread(ConnectWorker::open, "millrace-metrics");
    opener.setDaemon(true);
    opener.start();
    try {
      Class.forName("org.apache.kafka.connect.cli.ConnectDistributed").getMethod("main", String[].class).invoke(null, (Object) args);
    } catch (InvocationTargetException failure) {
      throw failure.getCause();
    }
  }

  /**
   * Jetty waits half a minute for the threads of requests and interrupts them then. A connector that looks for its server while it validates a
   * configuration holds one for so long, and so does a worker whose group rebalances. The worker's end does not wait for this.
   */
  private static void endRequests() {
    Thread ender = new Thread(() -> {
      try {
        Thread.sleep(REQUESTS_MS);
      } catch (InterruptedException end) {
        return;
      }
      for (Thread thread : Thread.getAllStackTraces().keySet()) if (thread.getName().startsWith("qtp")) thread.interrupt();
    }, "millrace-requests");
    ender.setDaemon(true);
    ender.start();
  }

  private static void open() {
    try {
      String password = Files.readString(Path.of(System.getProperty("millrace.metrics.password"))).trim().replaceFirst("=", ":");
      String wanted = "Basic " + Base64.getEncoder().encodeToString(password.getBytes(StandardCharsets.UTF_8));
      InetSocketAddress address = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), Integer.getInteger("millrace.metrics.port"));
      HttpServer server = HttpServer.create(address, 0);
      server.createContext("/metrics", exchange -> answer(exchange, wanted));
      server.start();
    } catch (BindException taken) {
      // The control plane starts the worker again with other ports.
      System.out.println("The port for the metrics is another process's: " + taken);
      Runtime.getRuntime().halt(1);
    } catch (IOException | LinkageError failure) {
      System.out.println("The metrics of this worker cannot be read: " + failure);
    }
  }

  private static void answer(HttpExchange exchange, String wanted) throws IOException {
    try {
      String given = String.valueOf(exchange.getRequestHeaders().getFirst("authorization"));
      boolean isKnown = MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), wanted.getBytes(StandardCharsets.UTF_8));
      byte[] body = (isKnown ? metrics() : "{}").getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("content-type", "application/json");
      exchange.sendResponseHeaders(isKnown ? 200 : 401, body.length);
      exchange.getResponseBody().write(body);
    } finally {
      exchange.close();
    }
  }

  /** The numbers of each bean by its name; what is not a number is null, and other values are left out. */
  private static String metrics() {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    StringJoiner beans = new StringJoiner(",", "{", "}");
    for (String pattern : PATTERNS)
      try {
        for (ObjectName name : server.queryNames(new ObjectName(pattern), null)) addBean(beans, server, name);
      } catch (JMException failure) {
        throw new IllegalStateException(failure);
      }
    return beans.toString();
  }

  private static void addBean(StringJoiner beans, MBeanServer server, ObjectName name) {
    StringJoiner values = new StringJoiner(",", "{", "}");
    try {
      MBeanAttributeInfo[] infos = server.getMBeanInfo(name).getAttributes();
      String[] attributes = new String[infos.length];
      for (int at = 0; at < infos.length; at++) attributes[at] = infos[at].getName();
      for (Attribute one : server.getAttributes(name, attributes).asList())
        if (one.getValue() instanceof Number) values.add(quoted(one.getName()) + ":" + number(((Number) one.getValue()).doubleValue()));
    } catch (JMException gone) {
      // A task that ended meanwhile takes its beans along.
      return;
    }
    beans.add(quoted(name.getCanonicalName()) + ":" + values);
  }

  private static String number(double value) {
    return Double.isNaN(value) || Double.isInfinite(value) ? "null" : Double.toString(value);
  }

  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char one : text.toCharArray())
      if (one < ' ' || one == '"' || one == '\\' || one > '~') quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) one));
      else quoted.append(one);
    return quoted.append('"').toString();
  }
}
