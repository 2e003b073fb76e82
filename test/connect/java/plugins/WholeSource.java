import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.SourceConnector;

/** A connector that can be loaded if the class of its tasks is there too. */
public class WholeSource extends SourceConnector {

  @Override
  public void start(Map<String, String> properties) {}

  @Override
  public void stop() {}

  @Override
  public ConfigDef config() {
    return new ConfigDef();
  }

  @Override
  public Class<? extends Task> taskClass() {
    return WholeTask.class;
  }

  @Override
  public List<Map<String, String>> taskConfigs(int most) {
    return List.of(Map.of());
  }

  @Override
  public String version() {
    return "whole-1";
  }
}
