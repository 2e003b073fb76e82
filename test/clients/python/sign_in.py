"""`python sign_in.py CASES.json`: each case asks a cluster for its topics; prints `CLIENT NAME in` or `CLIENT NAME refused: why`."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from kafka import KafkaAdminClient
from kafka.errors import KafkaError


def confluent(case):
    options = {
        "bootstrap.servers": case["bootstrap"],
        "security.protocol": case["protocol"],
        "ssl.ca.location": case["ca"],
    }
    if "certificate" in case:
        options |= {"ssl.certificate.location": case["certificate"], "ssl.key.location": case["key"]}
    if "password" in case:
        options |= {"sasl.mechanism": "SCRAM-SHA-512", "sasl.username": case["user"], "sasl.password": case["password"]}
    reasons = []
    client = AdminClient(options | {"error_cb": lambda error: reasons.append(str(error))}, logger=None)
    try:
        client.list_topics(timeout=case["patienceS"])
        return "in"
    except KafkaException as error:
        return f"refused: {reasons or error}"


def kafka_python(case):
    options = {
        "bootstrap_servers": case["bootstrap"],
        "security_protocol": case["protocol"],
        "ssl_cafile": case["ca"],
        "bootstrap_timeout_ms": 1000 * case["patienceS"],
    }
    if "certificate" in case:
        options |= {"ssl_certfile": case["certificate"], "ssl_keyfile": case["key"]}
    if "password" in case:
        options |= {
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": case["user"],
            "sasl_plain_password": case["password"],
        }
    try:
        client = KafkaAdminClient(**options)
        client.list_topics()
        client.close()
        return "in"
    except (KafkaError, OSError) as error:
        return f"refused: {error!r}"


with open(sys.argv[1]) as file:
    cases = json.load(file)
jobs = [(client, case) for client in (confluent, kafka_python) for case in cases]
with ThreadPoolExecutor(len(jobs)) as pool:
    for (client, case), outcome in zip(jobs, pool.map(lambda job: job[0](job[1]), jobs)):
        print(client.__name__, case["name"], outcome)
