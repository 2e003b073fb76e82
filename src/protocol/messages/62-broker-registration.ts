import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int16, int32, offset, string, uint16, uuid } from '../field.ts';

/**
 * 1: brokers on their way from ZooKeeper. 2: log directories (KIP-858). 3: the epoch of before a restart. 4:
 * features whose minimum is 0 may be told.
 */
export const brokerRegistration = api({
  name: 'BrokerRegistration',
  key: 62,
  versions: [0, 4],
  flexible: 0,
  request: {
    brokerId: int32,
    clusterId: string,
    // New with every start of the process.
    incarnationId: uuid,
    listeners: array({
      name: string,
      host: string,
      port: uint16,
      securityProtocol: int16,
    }),
    features: array({
      name: string,
      minSupportedVersion: int16,
      maxSupportedVersion: int16,
    }),
    rack: string.nullable(),
    isMigratingZkBroker: bool.since(1).default(false),
    logDirs: array(uuid).since(2).ignorable(),
    // Where the shutdown was clean: then the broker stays an eligible leader (KIP-966).
    previousBrokerEpoch: offset.since(3).default(-1).ignorable(),
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    brokerEpoch: offset.default(-1),
  },
});

export type BrokerRegistrationRequest = RequestOf<typeof brokerRegistration>;
export type BrokerRegistrationResponse = ResponseOf<typeof brokerRegistration>;
