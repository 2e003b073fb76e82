"""`python iam_client.py BOOTSTRAP CA TOPIC REGION VALUE`: writes a value to a topic and reads it; prints `in`, or `refused: why`."""

import sys
import time

from aws_msk_iam_sasl_signer import MSKAuthTokenProvider
from confluent_kafka import Consumer, KafkaException, Producer

bootstrap, ca, topic, region, value = sys.argv[1:]
PATIENCE_S = 120
reasons = []


def token(_):
    text, expires_at_ms = MSKAuthTokenProvider.generate_auth_token(region)
    return text, expires_at_ms / 1000


def failed(error):
    if "Access denied" in str(error):
        reasons.append(str(error))


options = {
    "bootstrap.servers": bootstrap,
    "ssl.ca.location": ca,
    "security.protocol": "SASL_SSL",
    "sasl.mechanisms": "OAUTHBEARER",
    "oauth_cb": token,
    "error_cb": failed,
}


def written():
    outcome = []
    producer = Producer(options | {"message.timeout.ms": 1000 * PATIENCE_S})
    producer.produce(topic, value, on_delivery=lambda error, _: outcome.append(str(error) if error else "in"))
    until = time.monotonic() + PATIENCE_S
    while not outcome and not reasons and time.monotonic() < until:
        producer.poll(0.2)
    if outcome == ["in"]:
        return True
    reasons.extend(outcome)
    producer.purge()
    return False


def read():
    consumer = Consumer(options | {"group.id": "python", "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    until = time.monotonic() + PATIENCE_S
    try:
        while time.monotonic() < until:
            message = consumer.poll(0.2)
            if message and not message.error() and message.value().decode() == value:
                return True
    except KafkaException as error:
        reasons.append(str(error))
    finally:
        consumer.close()
    return False


print("in" if written() and read() else f"refused: {reasons[:1]}")
