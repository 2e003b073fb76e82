import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Static members (KIP-345) of the classic and of the consumer protocol, with the rules of Kafka's own consumer_test. */
public class StaticMembers {
  private static final int PARTITIONS = 4;

  public static void main(String[] args) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", args[0]))) {
      for (String protocol : List.of("classic", "consumer")) {
        String name = "static-" + protocol;
        admin.createTopics(List.of(new NewTopic(name, Optional.of(PARTITIONS), Optional.empty()))).all().get();
        shared(admin, new Group(args[0], name, protocol));
      }
    }
    System.exit(0);
  }

  /** A member that comes back keeps its partitions and causes no rebalance; of two members with one instance id, one gets a fatal error. */
  private static void shared(Admin admin, Group group) throws Exception {
    Member first = group.member("first");
    eventually("the first member has all", () -> first.polled() == PARTITIONS);
    Member second = group.member("second");
    eventually("the members share", () -> first.polled() == 2 & second.polled() == 2);
    Set<TopicPartition> partitions = second.consumer.assignment();
    second.consumer.close();
    first.revocations = 0;

    Member returned = group.member("second");
    eventually("the member is back", () -> first.polled() == 2 & returned.polled() == 2);
    same(partitions, returned.consumer.assignment());
    same(0, first.revocations);
    same(Set.of("first", "second"), group.instances(admin));

    Member twin = group.member("second");
    if (group.protocol.equals("classic")) {
      eventually("the newer of two has its place", () -> first.polled() == 2 & twin.polled() == 2);
      eventually("the older is fenced", () -> ended(returned, FencedInstanceIdException.class));
      removed(admin, group, first);
      twin.consumer.close();
    } else {
      eventually("the newer of two is refused", () -> ended(twin, UnreleasedInstanceIdException.class));
      twin.consumer.close();
      eventually("the older keeps its place", () -> first.polled() == 2 & returned.polled() == 2);
      same(partitions, returned.consumer.assignment());
    }
    same(0, first.revocations);
    for (Member member : List.of(first, returned)) member.consumer.close();
  }

  /** The partitions of a member that an administrator removes go to the others. */
  private static void removed(Admin admin, Group group, Member first) throws Exception {
    var options = new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("second")));
    admin.removeMembersFromConsumerGroup(group.name, options).all().get();
    eventually("the other has all", () -> first.polled() == PARTITIONS);
    same(Set.of("first"), group.instances(admin));
    first.revocations = 0;
  }

  private static boolean ended(Member member, Class<? extends Exception> error) {
    try {
      member.polled();
      return false;
    } catch (RuntimeException thrown) {
      if (error.isInstance(thrown)) return true;
      throw thrown;
    }
  }

  private record Group(String bootstrap, String name, String protocol) {
    Member member(String instance) {
      Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", bootstrap, "group.id", name, "group.protocol", protocol, "group.instance.id", instance));
      // Longer than the test: no member is removed because the machine is slow.
      if (protocol.equals("classic")) config.put("session.timeout.ms", 120_000);
      Member member = new Member(new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer()));
      member.consumer.subscribe(List.of(name), member);
      return member;
    }

    Set<String> instances(Admin admin) throws InterruptedException, ExecutionException {
      Set<String> found = new TreeSet<>();
      for (var member : admin.describeConsumerGroups(List.of(name)).all().get().get(name).members()) member.groupInstanceId().ifPresent(found::add);
      return found;
    }
  }

  private static class Member implements ConsumerRebalanceListener {
    final KafkaConsumer<String, String> consumer;
    int revocations = 0;

    Member(KafkaConsumer<String, String> consumer) {
      this.consumer = consumer;
    }

    /** The number of partitions that the member has after it has polled. */
    int polled() {
      consumer.poll(Duration.ofMillis(50));
      return consumer.assignment().size();
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      if (!partitions.isEmpty()) revocations++;
    }
  }

  private static void eventually(String what, BooleanSupplier condition) {
    long deadline = System.currentTimeMillis() + 240_000;
    while (!condition.getAsBoolean()) if (System.currentTimeMillis() > deadline) throw new AssertionError(what);
  }

  private static void same(Object expected, Object actual) {
    if (!expected.equals(actual)) throw new AssertionError("expected " + expected + ", got " + actual);
  }
}
