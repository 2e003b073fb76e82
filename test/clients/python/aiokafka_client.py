"""Rules that aiokafka must keep with the cluster: `python aiokafka_client.py BOOTSTRAP RULE`; status 0 when the rule holds."""

import asyncio
import sys
import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.errors import MessageSizeTooLargeError
from aiokafka.structs import OffsetAndMetadata

FIRST_TIMESTAMP = int(time.time()) * 1000


async def create(bootstrap, topic, partitions):
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    await client.create_topics([NewTopic(topic, partitions, 3)])
    return client


async def read(consumer, count):
    read_so_far = []
    while len(read_so_far) < count:
        batches = await asyncio.wait_for(consumer.getmany(timeout_ms=60_000), 120)
        assert batches, f"{len(read_so_far)} of {count}"
        read_so_far += [record for batch in batches.values() for record in batch]
    return read_so_far


async def records(bootstrap):
    topic = "aiokafka-records"
    admin = await create(bootstrap, topic, 1)
    expected = []
    for compression in [None, "gzip", "snappy", "lz4", "zstd"]:
        producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap, compression_type=compression, enable_idempotence=True
        )
        await producer.start()
        for _ in range(200):
            index = len(expected)
            record = {
                "key": None if index % 3 == 0 else b"key %d" % index,
                "value": b"value %d" % index if index % 3 == 0 or index % 7 else None,
                "headers": [("name", b"x"), ("name", b"")],
                "timestamp_ms": FIRST_TIMESTAMP + index,
            }
            await producer.send(topic, partition=0, **record)
            expected.append(tuple(record.values()))
        await producer.stop()
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    part = TopicPartition(topic, 0)
    consumer.assign([part])
    await consumer.seek_to_beginning(part)
    found = await read(consumer, len(expected))
    assert [(r.key, r.value, list(r.headers), r.timestamp) for r in found] == expected
    assert (await consumer.offsets_for_times({part: FIRST_TIMESTAMP + 500}))[part].offset == 500
    await consumer.stop()
    await admin.close()


async def group_of_three(bootstrap):
    topic = "aiokafka-group"
    admin = await create(bootstrap, topic, 2)
    await admin.create_partitions({topic: NewPartitions(6)})
    members = [
        AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, group_id=topic, heartbeat_interval_ms=200)
        for _ in range(3)
    ]
    await asyncio.gather(*(member.start() for member in members))

    async def settled():
        while True:
            owned = [[p.partition for p in member.assignment()] for member in members]
            if all(owned) and sorted(sum(owned, [])) == list(range(6)):
                return
            await asyncio.sleep(0.05)

    await asyncio.wait_for(settled(), 180)
    await asyncio.gather(*(member.stop() for member in members))
    await admin.delete_topics([topic])
    await admin.close()


async def transactions(bootstrap):
    topic = "aiokafka-transactions"
    admin = await create(bootstrap, topic, 1)
    part = TopicPartition(topic, 0)
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=topic)
    await producer.start()
    for value, commits in [(b"first", True), (b"aborted", False), (b"last", True)]:
        await producer.begin_transaction()
        for _ in range(3):
            await producer.send_and_wait(topic, value, partition=0)
        if commits:
            await producer.send_offsets_to_transaction({part: OffsetAndMetadata(len(value), "")}, "aiokafka-eos")
            await producer.commit_transaction()
        else:
            await producer.abort_transaction()
    await producer.stop()
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_committed")
    await consumer.start()
    consumer.assign([part])
    await consumer.seek_to_beginning(part)
    assert [r.value for r in await read(consumer, 6)] == [b"first"] * 3 + [b"last"] * 3
    await consumer.stop()

    # The partition of the offsets is told of the commit by itself.
    async def committed():
        while (await admin.list_consumer_group_offsets("aiokafka-eos"))[part].offset != 4:
            await asyncio.sleep(0.05)

    await asyncio.wait_for(committed(), 60)
    await admin.close()


async def large_records(bootstrap):
    topic = "aiokafka-large"
    admin = await create(bootstrap, topic, 1)
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, max_request_size=5_000_000)
    await producer.start()
    await producer.send_and_wait(topic, b"x" * 1_000_000)
    try:
        await producer.send_and_wait(topic, b"x" * 2_000_000)
        raise AssertionError("taken")
    except MessageSizeTooLargeError:
        pass
    finally:
        await producer.stop()
        await admin.close()


asyncio.run(globals()[sys.argv[2]](sys.argv[1]))
