"""Rules that confluent-kafka (librdkafka) must keep with the cluster: `python confluent_client.py BOOTSTRAP RULE`; status 0 when the rule holds."""

import sys
import threading
import time

from confluent_kafka import (
    Consumer,
    ConsumerGroupState,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
)

FIRST_TIMESTAMP = int(time.time()) * 1000


def admin(bootstrap):
    return AdminClient({"bootstrap.servers": bootstrap})


def result(futures):
    return next(iter(futures.values())).result(120)


def create(bootstrap, topic, partitions):
    client = admin(bootstrap)
    result(client.create_topics([NewTopic(topic, partitions, 3)]))
    return client


def produce(bootstrap, topic, records, **config):
    """The outcome of each record, in order."""
    outcomes = {}
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 20, **config})
    for index, record in enumerate(records):
        producer.produce(
            topic, partition=0, on_delivery=lambda error, _, at=index: outcomes.__setitem__(at, error), **record
        )
        producer.poll(0)
    assert producer.flush(60) == 0
    return [outcomes[index] for index in range(len(records))]


def read(bootstrap, topic, isolation="read_committed"):
    """Partition 0 from its beginning to its end."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": f"{topic}-reader",
            "enable.partition.eof": True,
            "isolation.level": isolation,
        }
    )
    consumer.assign([TopicPartition(topic, 0, 0)])
    messages = []
    while True:
        message = consumer.poll(120)
        assert message is not None, "nothing came"
        if message.error() is None:
            messages.append(message)
        elif message.error().code() == KafkaError._PARTITION_EOF:
            consumer.close()
            return messages
        else:
            raise KafkaException(message.error())


def records(bootstrap):
    topic = "confluent-records"
    create(bootstrap, topic, 1)
    expected = []
    for compression in ["none", "gzip", "snappy", "lz4", "zstd"]:
        for acks in [0, 1, -1]:
            batch = [
                {
                    "key": None if i % 3 == 0 else b"key %d" % i,
                    "value": None if i % 7 == 0 else b"value %d" % i,
                    "headers": [("name", b"x"), ("name", None)],
                    "timestamp": FIRST_TIMESTAMP + i,
                }
                for i in range(len(expected), len(expected) + 200)
            ]
            config = {"compression.type": compression, "acks": acks, "enable.idempotence": acks == -1}
            assert set(produce(bootstrap, topic, batch, **config)) == {None}
            expected += batch
    found = [
        {"key": m.key(), "value": m.value(), "headers": m.headers(), "timestamp": m.timestamp()[1]}
        for m in read(bootstrap, topic)
    ]
    assert found == expected


def killed_broker(bootstrap):
    """Prints `writing`; then the test that started it kills a broker."""
    topic = "confluent-killed"
    create(bootstrap, topic, 1)
    batch = [{"value": b"%d" % i} for i in range(20_000)]
    print("writing", flush=True)
    outcomes = []
    until = time.monotonic() + 4
    while time.monotonic() < until or not outcomes:
        outcomes += produce(bootstrap, topic, batch[:500], **{"enable.idempotence": True})
    assert set(outcomes) == {None}, set(outcomes)
    assert [m.value() for m in read(bootstrap, topic)] == [b"%d" % i for i in range(500)] * (len(outcomes) // 500)


def eager_group(bootstrap):
    rebalance(bootstrap, "confluent-range", {})


def cooperative_group(bootstrap):
    rebalance(bootstrap, "confluent-cooperative", {"partition.assignment.strategy": "cooperative-sticky"})


def static_members(bootstrap):
    rebalance(bootstrap, "confluent-static", {"group.instance.id": "instance-{}"})


def rebalance(bootstrap, group, config):
    topic = f"{group}-topic"
    client = create(bootstrap, topic, 6)
    done = threading.Event()
    owned = {}

    def member(index):
        consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": group,
                "heartbeat.interval.ms": 200,
                **{name: value.format(index) for name, value in config.items()},
            }
        )
        consumer.subscribe([topic])
        while not done.is_set():
            message = consumer.poll(0.1)
            assert message is None or message.error() is None, message.error()
            owned[index] = sorted(p.partition for p in consumer.assignment())
        consumer.close()

    members = [threading.Thread(target=member, args=(index,)) for index in range(3)]
    for thread in members:
        thread.start()
    deadline = time.monotonic() + 180
    while sorted(sum(owned.values(), [])) != list(range(6)) or not all(owned.values()) or len(owned) < 3:
        assert time.monotonic() < deadline, owned
        time.sleep(0.05)
    described = result(client.describe_consumer_groups([group]))
    assert described.state == ConsumerGroupState.STABLE and len(described.members) == 3
    done.set()
    for thread in members:
        thread.join()


def transactions(bootstrap):
    topic = "confluent-transactions"
    create(bootstrap, topic, 1)
    config = {"bootstrap.servers": bootstrap, "transactional.id": topic}
    source = Consumer({"bootstrap.servers": bootstrap, "group.id": "confluent-eos"})
    producer = Producer(config)
    producer.init_transactions(60)
    for value, commits in [(b"first", True), (b"aborted", False), (b"last", True)]:
        producer.begin_transaction()
        for _ in range(3):
            producer.produce(topic, value, partition=0)
        if commits:
            offsets = [TopicPartition(topic, 0, len(value))]
            producer.send_offsets_to_transaction(offsets, source.consumer_group_metadata(), 60)
            producer.commit_transaction(60)
        else:
            producer.flush()
            producer.abort_transaction(60)
    # The partition is told of the commit after the producer.
    deadline = time.monotonic() + 60
    while [m.value() for m in read(bootstrap, topic)] != [b"first"] * 3 + [b"last"] * 3:
        assert time.monotonic() < deadline
    assert len(read(bootstrap, topic, "read_uncommitted")) == 9
    assert source.committed([TopicPartition(topic, 0)])[0].offset == 4
    Producer(config).init_transactions(60)
    try:
        producer.begin_transaction()
        producer.produce(topic, b"fenced", partition=0)
        producer.commit_transaction(60)
    except KafkaException as error:
        assert error.args[0].code() == KafkaError._FENCED, error
        return
    raise AssertionError("the older producer was not fenced")


def administration(bootstrap):
    topic = "confluent-admin"
    client = create(bootstrap, topic, 2)
    resource = lambda operation, value: ConfigResource(
        ConfigResource.Type.TOPIC,
        topic,
        incremental_configs=[ConfigEntry("retention.ms", value, incremental_operation=operation)],
    )
    value = lambda: result(client.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, topic)]))[
        "retention.ms"
    ].value
    before = value()
    result(client.incremental_alter_configs([resource(AlterConfigOpType.SET, "123456")]))
    assert value() == "123456"
    result(client.incremental_alter_configs([resource(AlterConfigOpType.DELETE, None)]))
    assert value() == before
    result(client.create_partitions([NewPartitions(topic, 4)]))
    timestamps = [{"value": b"x", "timestamp": FIRST_TIMESTAMP + i} for i in range(10)]
    assert set(produce(bootstrap, topic, timestamps)) == {None}
    part = TopicPartition(topic, 0)
    offset = lambda spec: result(client.list_offsets({part: spec})).offset
    specs = [OffsetSpec.earliest(), OffsetSpec.for_timestamp(FIRST_TIMESTAMP + 4), OffsetSpec.latest()]
    assert [offset(spec) for spec in specs] == [0, 4, 10]
    assert result(client.delete_records([TopicPartition(topic, 0, 3)])).low_watermark == 3
    group = f"{topic}-group"
    moved = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0, 5)])
    result(client.alter_consumer_group_offsets([moved]))
    listed = result(client.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]))
    assert [(p.partition, p.offset) for p in listed.topic_partitions] == [(0, 5)]
    result(client.delete_consumer_groups([group]))
    try:
        result(client.delete_consumer_groups([group]))
        raise AssertionError("a group was deleted twice")
    except KafkaException as error:
        assert error.args[0].code() == KafkaError.GROUP_ID_NOT_FOUND, error
    assert len(client.describe_cluster().result(120).nodes) == 3
    result(client.delete_topics([topic]))


def large_records(bootstrap):
    topic = "confluent-large"
    create(bootstrap, topic, 1)
    outcomes = produce(
        bootstrap, topic, [{"value": b"x" * 1_000_000}, {"value": b"x" * 2_000_000}], **{"message.max.bytes": 5_000_000}
    )
    assert outcomes[0] is None and outcomes[1].code() == KafkaError.MSG_SIZE_TOO_LARGE, outcomes


globals()[sys.argv[2]](sys.argv[1])
