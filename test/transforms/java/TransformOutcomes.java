import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;

/** Applies Kafka Connect's own transforms to the records that standard input has, one a line, and prints the result of each. */
public class TransformOutcomes {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonConverter WITH = converter(true);
    private static final JsonConverter WITHOUT = converter(false);

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line = in.readLine(); line != null; line = in.readLine()) out.println(outcome(JSON.readTree(line)));
        out.flush();
    }

    private static ObjectNode outcome(JsonNode one) {
        String stage = "configure";
        try {
            List<Stage> stages = new ArrayList<>();
            for (JsonNode each : one.get("transforms")) stages.add(new Stage(each));
            stage = "read";
            SinkRecord record = record(one.get("record"));
            stage = "transform";
            for (Stage each : stages) {
                if (record != null) record = each.apply(record);
            }
            if (record == null) return JSON.createObjectNode().put("dropped", true);
            stage = "convert";
            return told(record);
        } catch (Exception error) {
            ObjectNode failure = JSON.createObjectNode();
            failure.put("stage", stage).put("class", error.getClass().getSimpleName()).put("message", error.getMessage());
            return JSON.createObjectNode().set("failure", failure);
        }
    }

    private static SinkRecord record(JsonNode one) {
        ConnectHeaders headers = new ConnectHeaders();
        for (JsonNode header : one.get("headers")) headers.add(header.get("key").asText(), read(header.get("value")));
        SchemaAndValue key = read(one.get("key"));
        SchemaAndValue value = read(one.get("value"));
        JsonNode timestamp = one.get("timestamp");
        return new SinkRecord(one.get("topic").asText(), one.get("partition").asInt(), key.schema(), key.value(), value.schema(), value.value(),
            one.get("offset").asLong(), timestamp.isNull() ? null : timestamp.asLong(), TimestampType.CREATE_TIME, headers);
    }

    /** The first member of a JSON text tells whether it has a schema. */
    private static SchemaAndValue read(JsonNode text) {
        if (text.isNull()) return SchemaAndValue.NULL;
        byte[] bytes = text.asText().getBytes(StandardCharsets.UTF_8);
        return (text.asText().startsWith("{\"schema\":{") ? WITH : WITHOUT).toConnectData("t", bytes);
    }

    private static ObjectNode told(SinkRecord record) {
        ObjectNode told = JSON.createObjectNode().put("topic", record.topic()).put("partition", record.kafkaPartition());
        told.put("timestamp", record.timestamp());
        told.put("key", text(record.keySchema(), record.key()));
        told.put("value", text(record.valueSchema(), record.value()));
        ArrayNode headers = told.putArray("headers");
        for (Header header : record.headers()) headers.addArray().add(header.key()).add(text(header.schema(), header.value()));
        return told;
    }

    private static String text(Schema schema, Object value) {
        byte[] bytes = WITH.fromConnectData("t", schema, schema == null ? sorted(value) : value);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    /** The order of a HashMap has no meaning, so its entries are sorted. */
    private static Object sorted(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<Object, Object> sorted = new LinkedHashMap<>();
            new TreeMap<>(map).forEach((key, one) -> sorted.put(key, sorted(one)));
            return sorted;
        }
        if (!(value instanceof List<?> list)) return value;
        List<Object> each = new ArrayList<>();
        for (Object one : list) each.add(sorted(one));
        return each;
    }

    private static JsonConverter converter(boolean schemas) {
        JsonConverter converter = new JsonConverter();
        converter.configure(Map.of("schemas.enable", String.valueOf(schemas), "replace.null.with.default", "false"), false);
        return converter;
    }

    private static Map<String, String> texts(JsonNode node) {
        Map<String, String> texts = new HashMap<>();
        node.fields().forEachRemaining(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
        return texts;
    }

    private static class Stage {
        private final Transformation<SinkRecord> transform;
        private final Predicate<SinkRecord> predicate;
        private final boolean negates;

        @SuppressWarnings("unchecked")
        Stage(JsonNode one) throws Exception {
            transform = (Transformation<SinkRecord>) Class.forName(one.get("type").asText()).getDeclaredConstructor().newInstance();
            transform.configure(texts(one.get("config")));
            JsonNode condition = one.get("predicate");
            negates = condition != null && condition.get("negate").asBoolean();
            if (condition == null) {
                predicate = null;
                return;
            }
            predicate = (Predicate<SinkRecord>) Class.forName(condition.get("type").asText()).getDeclaredConstructor().newInstance();
            predicate.configure(texts(condition.get("config")));
        }

        SinkRecord apply(SinkRecord record) {
            return predicate == null || predicate.test(record) != negates ? transform.apply(record) : record;
        }
    }
}
