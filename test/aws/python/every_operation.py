"""
Calls every operation that is built with boto3 and checks each answer against botocore's model; then breaks every constraint of every
input once. Arguments: the URL of an API, and the URL of an API with a running cluster. Prints one line of JSON.
"""

import base64
import json
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from shapes import least, problems, wrong_inputs

API, RUNNING_API = sys.argv[1:3]
SERVICES = ("kafka", "kafkaconnect", "secretsmanager", "kms")
WAIT_S = 240

# Millrace's members beside AWS's, which AWS's clients ignore.
OURS = {"DescribeCustomPlugin.classes is unknown", "DescribeConnector.pluginRights is unknown", "DescribeConnector.workerCount is unknown"}
# They need a running worker; another test calls them with real workers.
OF_RUNNING_CONNECTORS = {"PauseConnector", "ResumeConnector", "RestartConnector", "UpdateConnector", "DescribeConnectorOperation"}
# Inputs that AWS itself accepts beyond its model, or refuses with another answer.
AS_AWS = {
    # The quota of brokers is 60; the model's 15 is older.
    ("provisioned.numberOfBrokerNodes", "max"),
    ("targetNumberOfBrokerNodes", "max"),
    ("numberOfBrokerNodes", "max"),
    # The model requires neither member of a filter, and AWS both: the refusal names the key.
    ("Filters.0.Values", "type"),
    ("Filters.0.Values", "min"),
    # NotFoundException: No such policy exists.
    ("PolicyName", "pattern"),
}

# Members that are refused with any value, by a message that names what is not built.
REFUSED_WHOLE = {
    "serverless", "AddReplicaRegions", "Type", "CrossAccountPrimaryARN",
    "KeyUsage", "KeySpec", "CustomerMasterKeySpec", "Origin", "CustomKeyStoreId",
}

found = []
called = {service: {} for service in SERVICES}
counts = {"answers": 0, "refusals": 0, "unwritable": 0, "pages": 0}


class Watched:
    """A client whose raw answers are checked. It sends every input without checks of its own."""

    def __init__(self, service, url):
        self.service = service
        config = Config(parameter_validation=False, retries={"max_attempts": 0})
        self.client = boto3.client(
            service,
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="any",
            aws_secret_access_key="any",
            config=config,
        )
        self.client.meta.events.register(f"before-parse.{service}", self._judge)
        self.model = self.client.meta.service_model
        self.method = {self.client.meta.method_to_api_mapping[name]: name for name in self.client.meta.method_to_api_mapping}

    def _judge(self, operation_model, response_dict, **_):
        if response_dict["status_code"] >= 300:
            return
        counts["answers"] += 1
        shape = operation_model.output_shape
        body = response_dict["body"]
        if shape is None or body == b"":
            return
        for problem in problems(shape, json.loads(body), operation_model.name):
            if problem not in OURS:
                found.append(problem)

    def call(self, operation, **params):
        called[self.service].setdefault(operation, params)
        return self.raw(operation, params)

    def raw(self, operation, params):
        return getattr(self.client, self.method[operation])(**params)


kafka = Watched("kafka", API)
running = Watched("kafka", RUNNING_API)
connect = Watched("kafkaconnect", API)
secrets = Watched("secretsmanager", API)
kms = Watched("kms", API)


RUNNING_ARN = running.raw("ListClusters", {})["ClusterInfoList"][0]["ClusterArn"]


def until(what, condition):
    end = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.02)


def cluster_input(name):
    return {
        "ClusterName": name,
        "KafkaVersion": "3.9.x.kraft",
        "NumberOfBrokerNodes": 3,
        "BrokerNodeGroupInfo": {
            "InstanceType": "kafka.m5.large",
            "ClientSubnets": ["subnet-a", "subnet-b", "subnet-c"],
            "SecurityGroups": ["sg-1"],
            "StorageInfo": {"EbsStorageInfo": {"VolumeSize": 10}},
        },
        "ClientAuthentication": {"Sasl": {"Scram": {"Enabled": True}}},
        "EncryptionInfo": {"EncryptionInTransit": {"ClientBroker": "TLS", "InCluster": True}},
        "EnhancedMonitoring": "DEFAULT",
        "Tags": {"team": "billing"},
    }


def msk():
    arn = kafka.call("CreateCluster", **cluster_input("first"))["ClusterArn"]

    def state():
        return kafka.raw("DescribeCluster", {"ClusterArn": arn})["ClusterInfo"]

    def ready():
        until("ACTIVE", lambda: state()["State"] == "ACTIVE")

    def version():
        return state()["CurrentVersion"]

    ready()
    kafka.call("DescribeCluster", ClusterArn=arn)
    kafka.call("DescribeClusterV2", ClusterArn=arn)
    kafka.call("ListClusters", ClusterNameFilter="f", MaxResults=10)
    kafka.call("ListClustersV2", ClusterNameFilter="f", MaxResults=10)
    kafka.call("GetBootstrapBrokers", ClusterArn=arn)
    kafka.call("ListNodes", ClusterArn=arn, MaxResults=10)
    kafka.call("ListKafkaVersions", MaxResults=10)
    kafka.call("GetCompatibleKafkaVersions", ClusterArn=arn)

    made = kafka.call("CreateConfiguration", Name="limits", KafkaVersions=["3.9.x.kraft", "4.0.x.kraft"], Description="d", ServerProperties=b"message.max.bytes=2000000\n")
    configuration = made["Arn"]
    kafka.call("UpdateConfiguration", Arn=configuration, Description="d", ServerProperties=b"message.max.bytes=3000000\n")
    kafka.call("DescribeConfiguration", Arn=configuration)
    kafka.call("DescribeConfigurationRevision", Arn=configuration, Revision=1)
    kafka.call("ListConfigurations", MaxResults=10)
    kafka.call("ListConfigurationRevisions", Arn=configuration, MaxResults=10)

    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": ["kafka:DescribeCluster"], "Resource": arn}]})
    kafka.call("PutClusterPolicy", ClusterArn=arn, Policy=policy)
    kafka.call("GetClusterPolicy", ClusterArn=arn)
    kafka.call("DeleteClusterPolicy", ClusterArn=arn)
    kafka.call("TagResource", ResourceArn=arn, Tags={"a": "b"})
    kafka.call("ListTagsForResource", ResourceArn=arn)
    kafka.call("UntagResource", ResourceArn=arn, TagKeys=["a"])

    def change(operation, **params):
        answer = kafka.call(operation, ClusterArn=arn, CurrentVersion=version(), **params)
        ready()
        return answer.get("ClusterOperationArn")

    operation = change("UpdateBrokerCount", TargetNumberOfBrokerNodes=6)
    change("UpdateBrokerStorage", TargetBrokerEBSVolumeInfo=[{"KafkaBrokerNodeId": "All", "VolumeSizeGB": 20}])
    change("UpdateStorage", VolumeSizeGB=30)
    change("UpdateBrokerType", TargetInstanceType="kafka.m5.xlarge")
    change("UpdateClusterKafkaVersion", TargetKafkaVersion="4.0.x.kraft")
    change("UpdateClusterConfiguration", ConfigurationInfo={"Arn": configuration, "Revision": 1})
    change("UpdateMonitoring", EnhancedMonitoring="DEFAULT", OpenMonitoring={"Prometheus": {"JmxExporter": {"EnabledInBroker": True}, "NodeExporter": {"EnabledInBroker": False}}})
    change("UpdateSecurity", ClientAuthentication={"Sasl": {"Scram": {"Enabled": True}}, "Unauthenticated": {"Enabled": True}})
    change("UpdateConnectivity", ConnectivityInfo={"PublicAccess": {"Type": "DISABLED"}, "VpcConnectivity": {"ClientAuthentication": {"Sasl": {"Scram": {"Enabled": False}}}}})
    change("UpdateRebalancing", Rebalancing={"Status": "PAUSED"})
    kafka.call("RebootBroker", ClusterArn=arn, BrokerIds=["1"])
    ready()
    kafka.call("DescribeClusterOperation", ClusterOperationArn=operation)
    kafka.call("DescribeClusterOperationV2", ClusterOperationArn=operation)
    kafka.call("ListClusterOperations", ClusterArn=arn, MaxResults=10)
    kafka.call("ListClusterOperationsV2", ClusterArn=arn, MaxResults=10)

    second = kafka.call("CreateClusterV2", ClusterName="second", Tags={"a": "b"}, Provisioned={
        "BrokerNodeGroupInfo": {"InstanceType": "kafka.m5.large", "ClientSubnets": ["a", "b"]},
        "KafkaVersion": "3.9.x.kraft", "NumberOfBrokerNodes": 2})["ClusterArn"]
    kafka.call("DeleteCluster", ClusterArn=second)
    until("second is gone", lambda: all(one["ClusterArn"] != second for one in kafka.raw("ListClusters", {})["ClusterInfoList"]))
    spare = kafka.raw("CreateConfiguration", {"Name": "spare", "ServerProperties": b""})["Arn"]
    kafka.call("DeleteConfiguration", Arn=spare)
    return arn


def topics():
    at = {"ClusterArn": RUNNING_ARN}
    running.call("CreateTopic", **at, TopicName="orders", PartitionCount=2, ReplicationFactor=1, Configs=base64.b64encode(b'{"retention.ms": "1000"}').decode())
    running.call("ListTopics", **at, MaxResults=10)
    running.call("DescribeTopic", **at, TopicName="orders")
    running.call("DescribeTopicPartitions", **at, TopicName="orders", MaxResults=10)
    running.call("UpdateTopic", **at, TopicName="orders", PartitionCount=3)
    running.raw("CreateTopic", {**at, "TopicName": "spare", "PartitionCount": 1, "ReplicationFactor": 1})
    running.call("DeleteTopic", **at, TopicName="spare")


def passwords(arn):
    key = kms.call("CreateKey", Description="for MSK", Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]["KeyId"]
    kms.call("DescribeKey", KeyId=key)
    kms.call("GetKeyPolicy", KeyId=key, PolicyName="default")
    kms.call("CreateAlias", AliasName="alias/msk", TargetKeyId=key)
    kms.call("ListAliases", KeyId=key, Limit=10)
    kms.call("GetKeyRotationStatus", KeyId=key)
    kms.call("TagResource", KeyId=key, Tags=[{"TagKey": "c", "TagValue": "d"}])
    kms.call("ListResourceTags", KeyId=key, Limit=10)
    kms.call("UntagResource", KeyId=key, TagKeys=["c"])

    login = json.dumps({"username": "alice", "password": "a password"})
    secret = secrets.call("CreateSecret", Name="AmazonMSK_alice", KmsKeyId=key, SecretString=login, Description="d", Tags=[{"Key": "a", "Value": "b"}])["ARN"]
    secrets.call("GetSecretValue", SecretId=secret)
    secrets.call("PutSecretValue", SecretId=secret, SecretString=login)
    secrets.call("UpdateSecret", SecretId=secret, Description="another")
    secrets.call("DescribeSecret", SecretId=secret)
    secrets.call("ListSecrets", MaxResults=10)
    secrets.call("TagResource", SecretId=secret, Tags=[{"Key": "c", "Value": "d"}])
    secrets.call("UntagResource", SecretId=secret, TagKeys=["c"])
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "kafka.amazonaws.com"}, "Action": "secretsmanager:getSecretValue", "Resource": secret}]})
    secrets.call("PutResourcePolicy", SecretId=secret, ResourcePolicy=policy)
    secrets.call("GetResourcePolicy", SecretId=secret)
    kafka.call("BatchAssociateScramSecret", ClusterArn=arn, SecretArnList=[secret])
    kafka.call("ListScramSecrets", ClusterArn=arn, MaxResults=10)
    kafka.call("BatchDisassociateScramSecret", ClusterArn=arn, SecretArnList=[secret])
    secrets.call("DeleteResourcePolicy", SecretId=secret)
    secrets.call("DeleteSecret", SecretId=secret, RecoveryWindowInDays=7)
    secrets.call("RestoreSecret", SecretId=secret)
    kms.call("DeleteAlias", AliasName="alias/msk")
    spare = kms.raw("CreateKey", {})["KeyMetadata"]["KeyId"]
    kms.call("ScheduleKeyDeletion", KeyId=spare, PendingWindowInDays=7)


def connectors():
    plugin = connect.call("CreateCustomPlugin", name="acme", contentType="JAR", description="d", location={"s3Location": {"bucketArn": "arn:aws:s3:::plugins", "fileKey": "acme/sink-1.0.jar"}})["customPluginArn"]
    until("the plugin is there", lambda: connect.raw("DescribeCustomPlugin", {"customPluginArn": plugin})["customPluginState"] == "ACTIVE")
    connect.call("DescribeCustomPlugin", customPluginArn=plugin)
    connect.call("ListCustomPlugins", maxResults=10, namePrefix="a")
    properties = base64.b64encode(b"key.converter=a.B\nvalue.converter=a.B\n").decode()
    worker = connect.call("CreateWorkerConfiguration", name="strings", description="d", propertiesFileContent=properties)["workerConfigurationArn"]
    connect.call("DescribeWorkerConfiguration", workerConfigurationArn=worker)
    connect.call("ListWorkerConfigurations", maxResults=10, namePrefix="s")
    made = connect.call(
        "CreateConnector",
        connectorName="sink",
        connectorDescription="to somewhere",
        capacity={"provisionedCapacity": {"mcuCount": 1, "workerCount": 1}},
        connectorConfiguration={"connector.class": "com.acme.AcmeSink", "topics": "orders"},
        kafkaCluster={"apacheKafkaCluster": {"bootstrapServers": "127.0.0.1:1", "vpc": {"subnets": ["subnet-a"], "securityGroups": ["sg-1"]}}},
        kafkaClusterClientAuthentication={"authenticationType": "NONE"},
        kafkaClusterEncryptionInTransit={"encryptionType": "PLAINTEXT"},
        kafkaConnectVersion="3.7.x",
        plugins=[{"customPlugin": {"customPluginArn": plugin, "revision": 1}}],
        serviceExecutionRoleArn="arn:aws:iam::000000000000:role/connect",
        tags={"team": "billing"},
    )["connectorArn"]
    connect.call("DescribeConnector", connectorArn=made)
    connect.call("ListConnectors", maxResults=10, connectorNamePrefix="s")
    connect.call("ListConnectorOperations", connectorArn=made, maxResults=10)
    connect.call("TagResource", resourceArn=made, tags={"a": "b"})
    connect.call("ListTagsForResource", resourceArn=made)
    connect.call("UntagResource", resourceArn=made, tagKeys=["a"])
    # Without a worker that answers, the connector never runs; it can still be deleted.
    connect.call("DeleteConnector", connectorArn=made, currentVersion=connect.raw("DescribeConnector", {"connectorArn": made})["currentVersion"])
    until("the connector is gone", lambda: connect.raw("ListConnectors", {})["connectors"] == [])
    unused = connect.raw("CreateCustomPlugin", {"name": "unused", "contentType": "JAR", "location": {"s3Location": {"bucketArn": "arn:aws:s3:::plugins", "fileKey": "acme/sink-1.0.jar"}}})["customPluginArn"]
    until("the plugin is there", lambda: connect.raw("DescribeCustomPlugin", {"customPluginArn": unused})["customPluginState"] == "ACTIVE")
    connect.call("DeleteCustomPlugin", customPluginArn=unused)
    until("the plugin is gone", lambda: len(connect.raw("ListCustomPlugins", {})["customPlugins"]) == 1)
    spare = connect.raw("CreateWorkerConfiguration", {"name": "spare", "propertiesFileContent": properties})["workerConfigurationArn"]
    connect.call("DeleteWorkerConfiguration", workerConfigurationArn=spare)


def pages(watched, operation, params):
    """A paginator with pages of one item finds the items of a single answer, in the same order."""
    method = watched.method[operation]
    if not watched.client.can_paginate(method):
        return
    paginator = watched.client.get_paginator(method)
    least_page = least_page_of(watched.model.operation_model(operation).input_shape, paginator)
    asked = {name: value for name, value in params.items() if not name.endswith(("axResults", "Limit", "Filter", "Prefix"))}
    for key in paginator.result_keys:
        whole = key.search(paginator.paginate(**asked).build_full_result())
        some = [item for page in paginator.paginate(**asked, PaginationConfig={"PageSize": least_page}) for item in key.search(page) or []]
        if some != (whole or []):
            found.append(f"{operation} by pages of {least_page} finds {len(some)} of {len(whole or [])}")
        counts["pages"] += len(some)


def least_page_of(shape, paginator):
    limit = shape.members[paginator._limit_key]
    return max(1, limit.metadata.get("min", 1))


def lists():
    """Makes two of everything that can be listed, and reads every list in pages."""
    for name in ("page-a", "page-b"):
        kafka.raw("CreateConfiguration", {"Name": name, "ServerProperties": b""})
    arn = kafka.raw("CreateCluster", cluster_input("page"))["ClusterArn"]
    for watched in (kafka, connect, secrets, kms):
        for operation, params in called[watched.service].items():
            # Its connector is deleted.
            if operation == "ListConnectorOperations":
                continue
            if operation.startswith("List") or operation == "DescribeTopicPartitions":
                pages(running if "Topic" in operation and watched is kafka else watched, operation, params)
    kafka.raw("DeleteCluster", {"ClusterArn": arn})
    until("the page cluster is gone", lambda: all(one["ClusterArn"] != arn for one in kafka.raw("ListClusters", {})["ClusterInfoList"]))


def everything():
    """Everything that exists, as text, without what changes by itself."""
    lists = [
        kafka.raw("ListClustersV2", {}), kafka.raw("ListConfigurations", {}), secrets.raw("ListSecrets", {}), kms.raw("ListAliases", {}),
        connect.raw("ListCustomPlugins", {}), connect.raw("ListWorkerConfigurations", {}), connect.raw("ListConnectors", {}),
        running.raw("ListTopics", {"ClusterArn": RUNNING_ARN}),
    ]
    return json.dumps([{key: value for key, value in one.items() if key != "ResponseMetadata"} for one in lists], default=str, sort_keys=True)


def refused(watched, operation, path, constraint, params):
    where = f"{operation} {path} {constraint}"
    try:
        watched.raw(operation, params)
    except ClientError as error:
        answer = error.response
        status = answer["ResponseMetadata"]["HTTPStatusCode"]
        counts["refusals"] += 1
        last = path.split(".")[-1].lower()
        said = json.dumps({key: value for key, value in answer.items() if key != "ResponseMetadata"}).lower()
        if status != 400:
            found.append(f"{where}: status {status}: {said[:200]}")
        elif last not in said:
            found.append(f"{where}: does not name it: {said[:200]}")
        return
    except (AttributeError, TypeError, ValueError):
        # botocore cannot send it.
        counts["unwritable"] += 1
        return
    found.append(f"{where}: was taken")


def wrong():
    before = everything()
    for watched, name in ((kafka, "kafka"), (connect, "kafkaconnect"), (secrets, "secretsmanager"), (kms, "kms")):
        for operation, params in called[name].items():
            shape = watched.model.operation_model(operation).input_shape
            api = running if "Topic" in operation and name == "kafka" else watched
            for path, constraint, broken in wrong_inputs(shape, params) if shape else ():
                if (path, constraint) not in AS_AWS and not REFUSED_WHOLE & set(path.split(".")):
                    refused(api, operation, path, constraint, broken)
    if everything() != before:
        found.append("a wrong input changed something")


def not_built():
    """An operation that was not called above must be one that is refused by name, so that a new operation has to be called there."""
    for watched in (kafka, connect, secrets, kms):
        for operation in sorted(set(watched.model.operation_names) - set(called[watched.service]) - OF_RUNNING_CONNECTORS):
            shape = watched.model.operation_model(operation).input_shape
            try:
                watched.raw(operation, least(shape) if shape else {})
            except ClientError as error:
                message = error.response["Error"].get("Message", "")
                if operation not in message:
                    found.append(f"{operation} is not called, and answers {message}")
                continue
            found.append(f"{operation} is built, and not called")


arn = msk()
topics()
passwords(arn)
connectors()


lists()
wrong()
not_built()
print(json.dumps({"found": found, "operations": sum(map(len, called.values())), **counts}))
