import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int16, int32, string, uint16, uuid } from '../field.ts';

/**
 * A controller tells the active one its listeners and features.
 */
export const controllerRegistration = api({
  name: 'ControllerRegistration',
  key: 70,
  versions: [0, 0],
  flexible: 0,
  request: {
    controllerId: int32,
    incarnationId: uuid,
    zkMigrationReady: bool,
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
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    errorMessage: string.nullable(),
  },
});

export type ControllerRegistrationRequest = RequestOf<typeof controllerRegistration>;
export type ControllerRegistrationResponse = ResponseOf<typeof controllerRegistration>;
