package millrace;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.apache.kafka.connect.connector.Connector;
import org.apache.kafka.connect.runtime.isolation.PluginClassLoader;
import org.apache.kafka.connect.runtime.isolation.PluginDesc;
import org.apache.kafka.connect.runtime.isolation.PluginSource;
import org.apache.kafka.connect.runtime.isolation.PluginUtils;
import org.apache.kafka.connect.runtime.isolation.ReflectionScanner;
import org.apache.kafka.connect.runtime.isolation.ServiceLoaderScanner;

/**
 * Loads a plugin as a worker does, with Kafka Connect's own class loader and scanners, and says what it found and why the rest was not:
 * {@code {"found": [{"class", "type", "version", "named"}], "failed": [{"class", "trace"}]}}, behind a word that nobody else says.
 * Its arguments: that word, the plugin.path, and after how many milliseconds it gives up. Standard input: the classes that should be there,
 * one a line.
 */
public final class PluginCheck {
  private static final int MOST_TRACE_CHARS = 8_192;
  /** Of a plugin whose classes all miss the same jar, a few say all. */
  private static final int MOST_TRACES = 20;

  public static void main(String[] args) throws Exception {
    PrintStream answer = System.out;
    // Whatever the plugin prints is no answer.
    System.setOut(System.err);
    endAfter(Long.parseLong(args[2]));
    List<String> wanted = new ArrayList<>();
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) wanted.add(line);
    }
    String said;
    try {
      said = checked(args[1], wanted);
    } catch (LinkageError other) {
      if (!String.valueOf(other.getMessage()).replace('/', '.').contains("org.apache.kafka.connect.runtime.isolation")) throw other;
      // A release of Kafka Connect without these scanners.
      said = "{\"unknown\":true}";
    }
    answer.println(args[0] + said);
    answer.flush();
    // A thread of the plugin would keep it going.
    Runtime.getRuntime().halt(0);
  }

  private static String checked(String pluginPath, List<String> wanted) throws IOException {
    Set<PluginSource> sources = sources(pluginPath);
    Map<String, PluginDesc<?>> found = new TreeMap<>();
    Set<String> named = new HashSet<>();
    new ServiceLoaderScanner().discoverPlugins(sources).forEach(one -> {
      named.add(key(one));
      found.put(key(one), one);
    });
    new ReflectionScanner().discoverPlugins(sources).forEach(one -> found.putIfAbsent(key(one), one));
    Map<String, Throwable> failed = new TreeMap<>();
    Set<String> loaded = new HashSet<>();
    StringJoiner told = new StringJoiner(",", "[", "]");
    for (PluginDesc<?> one : found.values()) {
      Throwable problem = Connector.class.isAssignableFrom(one.pluginClass()) ? problemOf(one) : null;
      loaded.add(one.className());
      if (problem != null) failed.put(one.className(), problem);
      else
        told.add(
            "{\"class\":" + ConnectWorker.quoted(one.className()) + ",\"type\":" + ConnectWorker.quoted(one.typeName())
                + ",\"version\":" + ConnectWorker.quoted(String.valueOf(one.version())) + ",\"named\":" + named.contains(key(one)) + "}");
    }
    for (String name : wanted)
      if (!loaded.contains(name))
        // A class says what is wrong with it to whoever asks a class loader first, and then only that something was.
        for (PluginSource source : sources(pluginPath)) {
          Throwable problem = problemOf(name, source.loader());
          if (problem != null) failed.put(name, problem);
        }
    StringJoiner traces = new StringJoiner(",", "[", "]");
    failed.entrySet().stream()
        .limit(MOST_TRACES)
        .forEach(one -> traces.add("{\"class\":" + ConnectWorker.quoted(one.getKey()) + ",\"trace\":" + ConnectWorker.quoted(trace(one.getValue())) + "}"));
    return "{\"found\":" + told + ",\"failed\":" + traces + "}";
  }

  private static Set<PluginSource> sources(String pluginPath) throws IOException {
    Set<PluginSource> sources = new HashSet<>();
    for (Path location : PluginUtils.pluginLocations(pluginPath, true))
      sources.add(PluginUtils.isolatedPluginSource(location, PluginCheck.class.getClassLoader(), PluginClassLoader::new));
    return sources;
  }

  private static String key(PluginDesc<?> one) {
    return one.typeName() + " " + one.className();
  }

  /** Why a class cannot be made into an object; null when it can. */
  private static Throwable problemOf(String name, ClassLoader loader) {
    Thread.currentThread().setContextClassLoader(loader);
    try {
      Class.forName(name, true, loader).getDeclaredConstructor().newInstance();
      return null;
    } catch (InvocationTargetException failure) {
      return failure.getCause();
    } catch (Throwable failure) {
      return failure;
    }
  }

  /** What of a connector's own classes is missing: those of its tasks and of its configuration are looked for when it is started. */
  private static Throwable problemOf(PluginDesc<?> one) {
    ClassLoader loader = one.pluginClass().getClassLoader();
    Thread.currentThread().setContextClassLoader(loader);
    try {
      Connector connector = (Connector) one.pluginClass().getDeclaredConstructor().newInstance();
      connector.config();
      Class.forName(connector.taskClass().getName(), true, loader).getDeclaredConstructor().newInstance();
      return null;
    } catch (LinkageError missing) {
      return missing;
    } catch (InvocationTargetException failure) {
      return failure.getCause() instanceof LinkageError ? failure.getCause() : null;
    } catch (Throwable unconfigured) {
      // It may want to be configured first.
      return null;
    }
  }

  private static String trace(Throwable problem) {
    StringWriter text = new StringWriter();
    problem.printStackTrace(new PrintWriter(text));
    String whole = text.toString().trim();
    return whole.length() <= MOST_TRACE_CHARS ? whole : whole.substring(0, MOST_TRACE_CHARS) + " …";
  }

  /** Also when nobody waits for it any longer. */
  private static void endAfter(long ms) {
    Thread watch =
        new Thread(
            () -> {
              try {
                Thread.sleep(ms);
              } catch (InterruptedException never) {
                Thread.currentThread().interrupt();
              }
              Runtime.getRuntime().halt(124);
            },
            "millrace-limit");
    watch.setDaemon(true);
    watch.start();
  }
}
