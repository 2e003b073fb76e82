import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/** The task of a connector that only has to be loaded: it produces no records. */
public class WholeTask extends SourceTask {
  @Override
  public void start(Map<String, String> properties) {}

  @Override
  public List<SourceRecord> poll() throws InterruptedException {
    Thread.sleep(100);
    return null;
  }

  @Override
  public void stop() {}

  @Override
  public String version() {
    return "whole-1";
  }
}
