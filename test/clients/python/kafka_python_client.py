"""Rules that kafka-python must keep with the cluster: `python kafka_python_client.py BOOTSTRAP RULE`; status 0 when the rule holds."""

import sys
import threading
import time

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, OffsetAndMetadata, OffsetSpec, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, MemberToRemove, NewPartitions, NewTopic
from kafka.errors import InvalidConfigurationError, MessageSizeTooLargeError

FIRST_TIMESTAMP = int(time.time()) * 1000


def admin(bootstrap):
    return KafkaAdminClient(bootstrap_servers=bootstrap)


def create(bootstrap, topic, partitions):
    client = admin(bootstrap)
    client.create_topics([NewTopic(topic, partitions, 3)])
    return client


def records(bootstrap):
    topic = "kafka-python-records"
    create(bootstrap, topic, 1)
    part = TopicPartition(topic, 0)
    expected = []
    for compression in [None, "gzip", "snappy", "lz4", "zstd"]:
        producer = KafkaProducer(
            bootstrap_servers=bootstrap, compression_type=compression, enable_idempotence=True, linger_ms=20
        )
        for _ in range(200):
            index = len(expected)
            record = {
                "key": None if index % 3 == 0 else b"key %d" % index,
                "value": b"value %d" % index if index % 3 == 0 or index % 7 else None,
                "headers": [("name", b"x"), ("name", b"")],
                "timestamp_ms": FIRST_TIMESTAMP + index,
            }
            producer.send(topic, partition=0, **record)
            expected.append(tuple(record.values()))
        producer.flush()
        producer.close()
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, consumer_timeout_ms=60_000)
    consumer.assign([part])
    consumer.seek_to_beginning(part)
    read = [next(consumer) for _ in expected]
    assert [(r.key, r.value, list(r.headers), r.timestamp) for r in read] == expected
    found = consumer.offsets_for_times({part: FIRST_TIMESTAMP + 500})[part]
    assert (found.offset, found.timestamp) == (500, FIRST_TIMESTAMP + 500), found
    consumer.seek(part, 321)
    assert next(consumer).offset == 321
    consumer.pause(part)
    assert not consumer.poll(300)
    consumer.resume(part)
    assert consumer.poll(60_000)


def group_of_three(bootstrap):
    rebalance(bootstrap, "kafka-python-group", static=False)


def static_members(bootstrap):
    group = "kafka-python-static"
    rebalance(bootstrap, group, static=True)
    client = admin(bootstrap)
    # They left without a request: they are members until an administrator removes them, by instance id.
    assert len(client.describe_groups([group])[group]["members"]) == 3
    client.remove_group_members(group, [MemberToRemove(group_instance_id=f"instance-{i}") for i in range(3)])
    assert client.describe_groups([group])[group]["members"] == []


def rebalance(bootstrap, group, static):
    topic = f"{group}-topic"
    create(bootstrap, topic, 6)
    done = threading.Event()
    owned = {}

    def member(index):
        consumer = KafkaConsumer(
            topic,
            bootstrap_servers=bootstrap,
            group_id=group,
            group_instance_id=f"instance-{index}" if static else None,
            heartbeat_interval_ms=200,
            session_timeout_ms=30_000,
        )
        while not done.is_set():
            consumer.poll(100)
            owned[index] = sorted(p.partition for p in consumer.assignment())
        consumer.close()

    members = [threading.Thread(target=member, args=(index,)) for index in range(3)]
    for thread in members:
        thread.start()
    deadline = time.monotonic() + 180
    while sorted(sum(owned.values(), [])) != list(range(6)) or not all(owned.values()) or len(owned) < 3:
        assert time.monotonic() < deadline, owned
        time.sleep(0.05)
    done.set()
    for thread in members:
        thread.join()


def transactions(bootstrap):
    topic = "kafka-python-transactions"
    client = create(bootstrap, topic, 1)
    part = TopicPartition(topic, 0)
    producer = KafkaProducer(bootstrap_servers=bootstrap, transactional_id=topic)
    producer.init_transactions()
    for value, commits in [(b"first", True), (b"aborted", False), (b"last", True)]:
        producer.begin_transaction()
        for _ in range(3):
            producer.send(topic, value, partition=0)
        if commits:
            producer.send_offsets_to_transaction({part: OffsetAndMetadata(len(value), "", -1)}, "kafka-python-eos")
            producer.commit_transaction()
        else:
            producer.flush()
            producer.abort_transaction()
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_committed", consumer_timeout_ms=60_000)
    consumer.assign([part])
    consumer.seek_to_beginning(part)
    assert [next(consumer).value for _ in range(6)] == [b"first"] * 3 + [b"last"] * 3
    # The partition of the offsets and the coordinator come to the end of a transaction by themselves.
    deadline = time.monotonic() + 60
    while True:
        offset = client.list_group_offsets({"kafka-python-eos": None})["kafka-python-eos"][part].offset
        state = client.describe_transactions([topic])[topic].state.value
        if (offset, state) == (4, "CompleteCommit"):
            break
        assert time.monotonic() < deadline, (offset, state)
        time.sleep(0.05)


def administration(bootstrap):
    topic = "kafka-python-admin"
    client = create(bootstrap, topic, 2)
    part = TopicPartition(topic, 0)
    resource = lambda value: ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": value})
    client.alter_configs([resource("123456")])
    described = client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    assert described["topic"][topic]["retention.ms"]["value"] == "123456", described
    refused = client.alter_configs([resource("soon")])["topic"][topic]
    assert InvalidConfigurationError.__name__ in refused, refused
    client.create_partitions({topic: NewPartitions(4)})
    assert len(client.describe_topics([topic])[0]["partitions"]) == 4
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for _ in range(10):
        producer.send(topic, b"x", partition=0)
    producer.flush()
    group = f"{topic}-group"
    client.alter_group_offsets(group, {part: OffsetAndMetadata(3, "note", -1)})
    assert client.list_group_offsets({group: None})[group][part].metadata == "note"
    client.reset_group_offsets(group, {part: OffsetSpec.LATEST})
    assert client.list_group_offsets({group: None})[group][part].offset == 10
    client.delete_group_offsets(group, [part])
    client.delete_groups([group])
    assert client.describe_groups([group])[group]["group_state"] == "Dead"
    assert client.delete_records({part: 4})[part]["low_watermark"] == 4
    assert client.list_partition_offsets({part: OffsetSpec.EARLIEST})[part].offset == 4
    client.delete_topics([topic])
    assert topic not in client.list_topics()


def large_records(bootstrap):
    topic = "kafka-python-large"
    create(bootstrap, topic, 1)
    producer = KafkaProducer(bootstrap_servers=bootstrap, max_request_size=5_000_000)
    producer.send(topic, b"x" * 1_000_000).get(20)
    try:
        producer.send(topic, b"x" * 2_000_000).get(20)
    except MessageSizeTooLargeError:
        return
    raise AssertionError("taken")


globals()[sys.argv[2]](sys.argv[1].split(","))
