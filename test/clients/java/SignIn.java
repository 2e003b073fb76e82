import java.io.FileReader;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;

/** `java SignIn.java FILE.properties…`: asks each cluster for its topics, all at once, and prints `FILE in` or `FILE refused: why`. */
public class SignIn {
  public static void main(String[] files) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(files.length);
    for (String file : files)
      threads.execute(() -> System.out.println(Path.of(file).getFileName() + " " + attempt(file)));
    threads.shutdown();
    threads.awaitTermination(2, TimeUnit.MINUTES);
  }

  private static String attempt(String file) {
    Properties properties = new Properties();
    try (FileReader reader = new FileReader(file)) {
      properties.load(reader);
    } catch (Exception error) {
      return "broken: " + error;
    }
    try (Admin admin = Admin.create(properties)) {
      admin.listTopics().names().get();
      return "in";
    } catch (ExecutionException error) {
      return "refused: " + error.getCause();
    } catch (Exception error) {
      return "broken: " + error;
    }
  }
}
