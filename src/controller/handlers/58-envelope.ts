import { apis } from '../../protocol/apis.ts';
import { errorCode } from '../../protocol/errors.ts';
import { envelope } from '../../protocol/messages/58-envelope.ts';
import { decodePrincipal, type PrincipalData } from '../../protocol/principal-data.ts';
import { ProtocolError } from '../../protocol/reader.ts';
import { IAM_PRINCIPAL_TYPE } from '../../security/iam/directory.ts';
import { rightsOf } from '../../security/iam/forwarded-rights.ts';
import { BROKER_PRINCIPAL_TYPE } from '../../server/authorizer.ts';
import { CLOSE_CONNECTION, handle, type RequestInfo } from '../../server/handler.ts';
import type { Origin } from '../../server/origin.ts';
import type { ControllerContext } from '../context.ts';

/**
 * What brokers may forward: requests of clients that only the controller can decide. Never another Envelope.
 */
const FORWARDABLE: ReadonlySet<number> = new Set(
  [
    apis.createTopics,
    apis.deleteTopics,
    apis.describeAcls,
    apis.createAcls,
    apis.deleteAcls,
    apis.alterConfigs,
    apis.createPartitions,
    apis.electLeaders,
    apis.incrementalAlterConfigs,
    apis.alterPartitionReassignments,
    apis.listPartitionReassignments,
    apis.describeClientQuotas,
    apis.alterClientQuotas,
    apis.describeUserScramCredentials,
    apis.alterUserScramCredentials,
    apis.describeQuorum,
    apis.updateFeatures,
    apis.describeCluster,
    apis.unregisterBroker,
    apis.addRaftVoter,
    apis.removeRaftVoter,
  ].map(({ key }) => key),
);
/** The id of no node: whoever calls itself a broker without an id is refused. */
const NO_NODE = Number.MAX_SAFE_INTEGER;
/** api key, version and correlation id. */
const HEADER_BYTES_MIN = 8;
/** The length before an answer, which an envelope does not carry. */
const LENGTH_BYTES = 4;

/**
 * Envelope v0 (KIP-590): a client's request with its header, in the name of the client's principal. It goes
 * through the same dispatcher as any other, and its answer, header and all, comes back inside. A connection
 * ends, and nothing is done, where a newer one of the same broker has brought an Envelope (see
 * `NewestConnections`).
 */
export const envelopeHandler = handle(
  envelope,
  {
    versions: [0, 0],
    operations: ['CLUSTER:CLUSTER_ACTION'],
    listeners: ['controller'],
    claims: ({ requestPrincipal }) => brokerOf(requestPrincipal),
  },
  async (context: ControllerContext, request, info) => {
    const failed = (error: 'NOT_CONTROLLER' | 'INVALID_REQUEST' | 'PRINCIPAL_DESERIALIZATION_FAILURE') => ({
      responseData: null,
      errorCode: errorCode(error),
    });
    const { clientId, connectionNumber } = info;
    if (clientId !== null && !context.forwarders.admits(clientId, connectionNumber)) return CLOSE_CONNECTION;
    if (!context.leader) return failed('NOT_CONTROLLER');
    const frame = request.requestData;
    if (frame.length < HEADER_BYTES_MIN || !FORWARDABLE.has(frame.readInt16BE(0)))
      return failed('INVALID_REQUEST');
    const origin = originOf(request, info);
    if (!origin) return failed('PRINCIPAL_DESERIALIZATION_FAILURE');
    const outcome = await context.dispatcher.dispatch(frame, origin, info);
    if (outcome.kind !== 'answer') return failed('INVALID_REQUEST');
    return {
      responseData: Buffer.concat(outcome.parts).subarray(LENGTH_BYTES),
      errorCode: errorCode('NONE'),
    };
  },
);

function originOf(
  request: { readonly requestPrincipal: Buffer | null; readonly clientHostAddress: Buffer },
  info: RequestInfo,
): Origin | null {
  const principal = principalIn(request.requestPrincipal);
  if (!principal) return null;
  const { type, name, iamRights } = principal;
  const rights = type === IAM_PRINCIPAL_TYPE && iamRights !== null ? rightsOf(iamRights, name) : null;
  return {
    principal: `${type}:${name}`,
    iam: rights?.identity ?? null,
    iamDirectory: rights?.directory ?? null,
    sasl: null,
    clientHost: hostOf(request.clientHostAddress),
    // A broker that asks on its own behalf; clients never have this type.
    isPeer: type === BROKER_PRINCIPAL_TYPE,
    listener: info.listener,
    listenerName: info.listenerName,
    connectionId: info.connectionId,
    connectionNumber: info.connectionNumber,
  };
}

/** Null when there is none, or it cannot be read. */
function principalIn(bytes: Buffer | null): PrincipalData | null {
  if (bytes === null) return null;
  try {
    return decodePrincipal(bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

/** Which broker asks on its own behalf; -1 where a client does. */
function brokerOf(bytes: Buffer | null): number {
  const principal = principalIn(bytes);
  if (principal?.type !== BROKER_PRINCIPAL_TYPE) return -1;
  const id = Number(principal.name);
  return Number.isInteger(id) && id >= 0 ? id : NO_NODE;
}

/** 4 bytes of IPv4 or 16 of IPv6. */
function hostOf(address: Buffer): string {
  if (address.length === 4) return [...address].join('.');
  const groups = Array.from({ length: address.length >> 1 }, (_, i) =>
    address.readUInt16BE(i * 2).toString(16),
  );
  return groups.join(':');
}
