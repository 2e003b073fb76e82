import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceConnector;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/** A source with a password: its task writes a digest of the password that it got, and whether it can read another file. For one user it fails with the password in its message; for another it allocates more memory than there is. */
public class LoginSource extends SourceConnector {
  private Map<String, String> properties;

  @Override
  public ConfigDef config() {
    return new ConfigDef()
        .define("login.user", ConfigDef.Type.STRING, ConfigDef.Importance.HIGH, "")
        .define("login.password", ConfigDef.Type.PASSWORD, ConfigDef.Importance.HIGH, "")
        .define("digest.file", ConfigDef.Type.STRING, ConfigDef.Importance.HIGH, "")
        .define("other.file", ConfigDef.Type.STRING, ConfigDef.Importance.HIGH, "");
  }

  @Override
  public void start(Map<String, String> properties) {
    this.properties = properties;
  }

  @Override
  public Class<? extends Task> taskClass() {
    return LoginTask.class;
  }

  @Override
  public List<Map<String, String>> taskConfigs(int maxTasks) {
    return List.of(properties);
  }

  @Override
  public void stop() {}

  @Override
  public String version() {
    return "1";
  }

  public static class LoginTask extends SourceTask {
    @Override
    public void start(Map<String, String> properties) {
      String password = properties.get("login.password");
      if (properties.get("login.user").equals("nobody"))
        throw new ConnectException("nobody cannot sign in with " + password);
      if (properties.get("login.user").equals("hungry")) System.out.println(new long[Integer.MAX_VALUE - 8].length);
      // As Iceberg's sink looks for the properties of its worker.
      String[] command = System.getProperty("sun.java.command").split(" ");
      try {
        String found = Files.readString(Path.of(command[1])).contains("bootstrap.servers") ? "there" : "elsewhere";
        System.out.println("The worker is " + command[0] + ", and its properties are " + found);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(password.getBytes(StandardCharsets.UTF_8));
        String other = Files.isReadable(Path.of(properties.get("other.file"))) ? "open" : "closed";
        String line = properties.get("login.user") + " " + HexFormat.of().formatHex(digest) + " " + other + "\n";
        Files.writeString(Path.of(properties.get("digest.file")), line);
      } catch (Exception error) {
        throw new ConnectException(error);
      }
    }

    @Override
    public List<SourceRecord> poll() throws InterruptedException {
      Thread.sleep(100);
      return null;
    }

    @Override
    public void stop() {}

    @Override
    public String version() {
      return "1";
    }
  }
}
