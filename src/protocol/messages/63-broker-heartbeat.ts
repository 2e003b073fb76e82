import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int16, int32, offset, uuid } from '../field.ts';

/**
 * 1: log directories that failed (KIP-858). 2: directories that take no new replicas.
 */
export const brokerHeartbeat = api({
  name: 'BrokerHeartbeat',
  key: 63,
  versions: [0, 2],
  flexible: 0,
  request: {
    brokerId: int32,
    brokerEpoch: offset.default(-1),
    currentMetadataOffset: offset,
    wantFence: bool,
    // The controller moves the leaders away and then says shouldShutDown.
    wantShutDown: bool,
    offlineLogDirs: array(uuid).since(1).tagged(0),
    cordonedLogDirs: array(uuid).nullable().since(2).default(null).tagged(1),
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    isCaughtUp: bool.default(false),
    isFenced: bool.default(true),
    shouldShutDown: bool,
  },
});

export type BrokerHeartbeatRequest = RequestOf<typeof brokerHeartbeat>;
export type BrokerHeartbeatResponse = ResponseOf<typeof brokerHeartbeat>;
