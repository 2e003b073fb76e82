import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs Kafka's tools one after the other in this process, each against every cluster. The first argument is a file with a JSON list of
 * commands, each a list of a main class and its arguments; the others are bootstrap servers. Prints a JSON list with one list for each
 * command: what it wrote for each cluster, and then `exit N` when that is not 0.
 */
public class Tools {
  public static void main(String[] args) throws Exception {
    Exit.setExitProcedure((status, message) -> {
      if (status != 0) throw new Ended(status);
    });
    var json = new ObjectMapper();
    PrintStream stdout = System.out;
    var outputs = new ArrayList<List<String>>();
    for (var command : json.readTree(new File(args[0]))) {
      var words = new ArrayList<String>();
      command.forEach(word -> words.add(word.asText()));
      var outputsOfOne = new ArrayList<String>();
      for (int i = 1; i < args.length; i++) outputsOfOne.add(output(words, args[i]));
      outputs.add(outputsOfOne);
    }
    stdout.println(json.writeValueAsString(outputs));
    stdout.flush();
    Runtime.getRuntime().halt(0);
  }

  private static String output(List<String> command, String bootstrap) throws Exception {
    var bytes = new ByteArrayOutputStream();
    var written = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    System.setOut(written);
    System.setErr(written);
    int status = 0;
    var arguments = new ArrayList<>(List.of("--bootstrap-server", bootstrap));
    arguments.addAll(command.subList(1, command.size()));
    try {
      scala.Console.withOut(
          written,
          () -> {
            run(command.get(0), arguments.toArray(new String[0]));
            return null;
          });
    } catch (Ended ended) {
      status = ended.status;
    }
    written.flush();
    String text = bytes.toString(StandardCharsets.UTF_8);
    return status == 0 ? text : text + "exit " + status + "\n";
  }

  private static void run(String main, String[] arguments) {
    try {
      Class.forName(main).getMethod("main", String[].class).invoke(null, (Object) arguments);
    } catch (InvocationTargetException error) {
      if (error.getCause() instanceof Ended ended) throw ended;
      error.getCause().printStackTrace();
    } catch (ReflectiveOperationException error) {
      throw new IllegalStateException(error);
    }
  }

  private static class Ended extends RuntimeException {
    final int status;

    Ended(int status) {
      super("exit " + status, null, false, false);
      this.status = status;
    }
  }
}
