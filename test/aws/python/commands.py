"""
Runs the most used commands of the aws CLI with the program's own code in one process, because each start of it takes a second or more.
Arguments: those of every_operation.py. Prints the number of commands that worked; at the first one that did not, ends with status 1.
"""

import contextlib
import io
import json
import os
import sys
import tempfile
import time

os.environ.update(
    AWS_ACCESS_KEY_ID="any", AWS_SECRET_ACCESS_KEY="any", AWS_DEFAULT_REGION="us-east-1", AWS_DEFAULT_OUTPUT="json", AWS_PAGER=""
)

from awscli.clidriver import create_clidriver  # noqa: E402: it reads the environment.

API, RUNNING_API = sys.argv[1:3]
WAIT_S = 240
driver = create_clidriver()
done = 0


def aws(*words, api=API, status=0):
    """The output of the command, parsed if it is JSON."""
    global done
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        answer = driver.main([*words, "--endpoint-url", api])
    text = out.getvalue()
    if answer != status:
        sys.exit(f"aws {' '.join(words)}: status {answer}: {text}{err.getvalue()}")
    done += 1
    if status != 0:
        return err.getvalue()
    try:
        return json.loads(text)
    except ValueError:
        return text.strip()


def kafka(*words, **options):
    return aws("kafka", *words, **options)


def ready(arn):
    end = time.monotonic() + WAIT_S
    while kafka("describe-cluster", "--cluster-arn", arn, "--query", "ClusterInfo.State", "--output", "text") != "ACTIVE":
        if time.monotonic() > end:
            sys.exit("the cluster is not ACTIVE")
        time.sleep(0.05)


# Tools that are given one address for all services ask STS first.
identity = aws("sts", "get-caller-identity")
if (identity["Account"], identity["Arn"]) != ("000000000000", "arn:aws:iam::000000000000:root"):
    sys.exit(f"the caller is {identity}")
for words, parts in (
    (["sns", "list-topics"], ["InvalidAction", "of sns is not here"]),
    (["ec2", "describe-vpcs"], ["InvalidAction", "of ec2 is not here"]),
    (["sts", "decode-authorization-message", "--encoded-message", "x"], ["InvalidAction", "of sts is not here"]),
    # Whose key nobody knows here is let in without temporary credentials.
    (["sts", "get-session-token"], ["InvalidClientTokenId"]),
):
    error = aws(*words, status=255)
    if not all(part in error for part in parts):
        sys.exit(f"aws {' '.join(words)} says {error}")

group = "InstanceType=kafka.m5.large,ClientSubnets=subnet-a,subnet-b,subnet-c"
made = kafka(
    "create-cluster", "--cluster-name", "commands", "--kafka-version", "3.9.x.kraft", "--number-of-broker-nodes", "3",
    "--broker-node-group-info", group, "--client-authentication", '{"Sasl":{"Scram":{"Enabled":true}}}', "--tags", "team=billing",
)
arn = made["ClusterArn"]
at = ("--cluster-arn", arn)
ready(arn)


def change(command, *words):
    version = kafka("describe-cluster", *at, "--query", "ClusterInfo.CurrentVersion", "--output", "text")
    answer = kafka(command, *at, "--current-version", version, *words)
    ready(arn)
    return answer


assert arn in str(kafka("list-clusters"))
assert arn in str(kafka("list-clusters-v2", "--cluster-type-filter", "PROVISIONED", "--max-items", "5"))
kafka("describe-cluster-v2", *at)
assert kafka("get-bootstrap-brokers", *at, "--query", "BootstrapBrokerStringSaslScram", "--output", "text").count(",") == 2
assert len(kafka("list-nodes", *at)["NodeInfoList"]) >= 3
kafka("list-kafka-versions", "--query", "KafkaVersions[?Status=='ACTIVE'].Version")
kafka("get-compatible-kafka-versions", *at)

with tempfile.NamedTemporaryFile() as properties:
    properties.write(b"message.max.bytes=2000000\n")
    properties.flush()
    file = f"fileb://{properties.name}"
    configuration = kafka("create-configuration", "--name", "by-command", "--kafka-versions", "3.9.x.kraft", "--server-properties", file)["Arn"]
    kafka("update-configuration", "--arn", configuration, "--server-properties", file)
kafka("list-configurations")
kafka("describe-configuration", "--arn", configuration)
kafka("describe-configuration-revision", "--arn", configuration, "--revision", "1")
assert len(kafka("list-configuration-revisions", "--arn", configuration)["Revisions"]) == 2
change("update-cluster-configuration", "--configuration-info", f"Arn={configuration},Revision=1")
change("update-broker-count", "--target-number-of-broker-nodes", "6")
change("update-broker-storage", "--target-broker-ebs-volume-info", "KafkaBrokerNodeId=All,VolumeSizeGB=2000")
operation = change("update-broker-type", "--target-instance-type", "kafka.m5.xlarge")["ClusterOperationArn"]
change("update-monitoring", "--enhanced-monitoring", "DEFAULT", "--open-monitoring", '{"Prometheus":{"JmxExporter":{"EnabledInBroker":true}}}')
change("update-security", "--client-authentication", '{"Sasl":{"Scram":{"Enabled":true}},"Unauthenticated":{"Enabled":true}}')
kafka("reboot-broker", *at, "--broker-ids", "1")
ready(arn)
kafka("list-cluster-operations", *at)
kafka("list-cluster-operations-v2", *at)
assert kafka("describe-cluster-operation", "--cluster-operation-arn", operation)["ClusterOperationInfo"]["OperationState"] == "UPDATE_COMPLETE"

kafka("tag-resource", "--resource-arn", arn, "--tags", "a=b")
assert kafka("list-tags-for-resource", "--resource-arn", arn)["Tags"] == {"a": "b", "team": "billing"}
kafka("untag-resource", "--resource-arn", arn, "--tag-keys", "a")
statement = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kafka:DescribeCluster", "Resource": arn}
kafka("put-cluster-policy", *at, "--policy", json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
kafka("get-cluster-policy", *at)
kafka("delete-cluster-policy", *at)

key = aws("kms", "create-key", "--query", "KeyMetadata.KeyId", "--output", "text")
login = json.dumps({"username": "carol", "password": "a password"})
secret = aws("secretsmanager", "create-secret", "--name", "AmazonMSK_carol", "--kms-key-id", key, "--secret-string", login)["ARN"]
kafka("batch-associate-scram-secret", *at, "--secret-arn-list", secret)
assert kafka("list-scram-secrets", *at)["SecretArnList"] == [secret]
kafka("batch-disassociate-scram-secret", *at, "--secret-arn-list", secret)

running = kafka("list-clusters", "--query", "ClusterInfoList[0].ClusterArn", "--output", "text", api=RUNNING_API)
kafka("create-topic", "--cluster-arn", running, "--topic-name", "by-command", "--partition-count", "1", "--replication-factor", "1", api=RUNNING_API)
assert "by-command" in str(kafka("list-topics", "--cluster-arn", running, api=RUNNING_API))
kafka("describe-topic", "--cluster-arn", running, "--topic-name", "by-command", api=RUNNING_API)
kafka("delete-topic", "--cluster-arn", running, "--topic-name", "by-command", api=RUNNING_API)

kafka("delete-cluster", *at)
print(done)
