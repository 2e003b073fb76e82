/** Every operation of MSK Connect's API of 2021-09-14 but those of tags, and where it is on the wire. */
export const OPERATIONS = [
  ['CreateConnector', 'POST', '/v1/connectors'],
  ['CreateCustomPlugin', 'POST', '/v1/custom-plugins'],
  ['CreateWorkerConfiguration', 'POST', '/v1/worker-configurations'],
  ['DeleteConnector', 'DELETE', '/v1/connectors/{connectorArn}'],
  ['DeleteCustomPlugin', 'DELETE', '/v1/custom-plugins/{customPluginArn}'],
  ['DeleteWorkerConfiguration', 'DELETE', '/v1/worker-configurations/{workerConfigurationArn}'],
  ['DescribeConnector', 'GET', '/v1/connectors/{connectorArn}'],
  ['DescribeConnectorOperation', 'GET', '/v1/connectorOperations/{connectorOperationArn}'],
  ['DescribeCustomPlugin', 'GET', '/v1/custom-plugins/{customPluginArn}'],
  ['DescribeWorkerConfiguration', 'GET', '/v1/worker-configurations/{workerConfigurationArn}'],
  ['ListConnectorOperations', 'GET', '/v1/connectors/{connectorArn}/operations'],
  ['ListConnectors', 'GET', '/v1/connectors'],
  ['ListCustomPlugins', 'GET', '/v1/custom-plugins'],
  ['ListWorkerConfigurations', 'GET', '/v1/worker-configurations'],
  ['PauseConnector', 'PUT', '/v1/connectors/{connectorArn}/pause'],
  ['RestartConnector', 'POST', '/v1/connectors/{connectorArn}/restart'],
  ['ResumeConnector', 'PUT', '/v1/connectors/{connectorArn}/resume'],
  ['UpdateConnector', 'PUT', '/v1/connectors/{connectorArn}'],
  // Millrace's own, under a path that AWS does not use.
  ['DescribeConnectorLogs', 'GET', '/millrace/v1/connectors/{connectorArn}/logs'],
] as const satisfies readonly (readonly [
  name: string,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
])[];

/** Both APIs have these at `/v1/tags/{resourceArn}`; the ARN says whose request it is. */
export type TagOperationName = 'ListTagsForResource' | 'TagResource' | 'UntagResource';
export const TAG_OPERATIONS: Readonly<Record<string, TagOperationName>> = {
  GET: 'ListTagsForResource',
  POST: 'TagResource',
  DELETE: 'UntagResource',
};

export type ConnectOperationName = (typeof OPERATIONS)[number][0] | TagOperationName;
