import type { ErrorName } from '../../protocol/errors.ts';
import type { ApiError } from '../aws/api-error.ts';
import type { AdminError } from '../rebalance/cluster-admin.ts';

/** The exception of the topics operations for an error of Kafka; any other one is a KafkaRequestException. */
const EXCEPTIONS: { readonly [Name in ErrorName]?: ApiError['error'] } = {
  TOPIC_ALREADY_EXISTS: 'TopicExistsException',
  UNKNOWN_TOPIC_OR_PARTITION: 'NotFoundException',
  REASSIGNMENT_IN_PROGRESS: 'ReassignmentInProgressException',
  GROUP_SUBSCRIBED_TO_TOPIC: 'GroupSubscribedToTopicException',
  NOT_CONTROLLER: 'NotControllerException',
  REQUEST_TIMED_OUT: 'KafkaTimeoutException',
  INVALID_TOPIC_EXCEPTION: 'BadRequestException',
  INVALID_PARTITIONS: 'BadRequestException',
  INVALID_REPLICATION_FACTOR: 'BadRequestException',
  INVALID_CONFIG: 'BadRequestException',
};

/** The member of the request that such an error is about. */
const PARAMETERS: { readonly [Name in ErrorName]?: string } = {
  TOPIC_ALREADY_EXISTS: 'topicName',
  INVALID_TOPIC_EXCEPTION: 'topicName',
  INVALID_PARTITIONS: 'partitionCount',
  INVALID_REPLICATION_FACTOR: 'replicationFactor',
  INVALID_CONFIG: 'configs',
};

/** What the API says where a cluster refused, or did not answer. */
export function topicError(clusterName: string, error: AdminError): ApiError {
  if (error.answer === null)
    return {
      error: 'ClusterConnectivityException',
      message: `No broker of ${clusterName} answers: ${error.message}.`,
    };
  const { error: name, message } = error.answer;
  const parameter = PARAMETERS[name];
  return {
    error: EXCEPTIONS[name] ?? 'KafkaRequestException',
    message,
    ...(parameter === undefined ? {} : { invalidParameter: parameter }),
  };
}
