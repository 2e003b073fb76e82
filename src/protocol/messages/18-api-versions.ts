import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int16, int32, offset, string } from '../field.ts';

/**
 * The first request of every client. A version that the broker does not know is answered with
 * UNSUPPORTED_VERSION in version 0, whatever was asked; the header of the response never has tags (KIP-511).
 * 4: features whose minimum is 0 may be told. 5: the client says which node it means to talk to, and is told
 * when it found another (KIP-1242).
 */
export const apiVersions = api({
  name: 'ApiVersions',
  key: 18,
  versions: [0, 5],
  flexible: 3,
  request: {
    clientSoftwareName: string.since(3).ignorable(),
    clientSoftwareVersion: string.since(3).ignorable(),
    clusterId: string.nullable().since(5).default(null).ignorable(),
    nodeId: int32.since(5).default(-1).ignorable(),
  },
  response: {
    errorCode: int16,
    apiKeys: array({
      apiKey: int16,
      minVersion: int16,
      maxVersion: int16,
    }),
    throttleTimeMs: int32.since(1).ignorable(),
    supportedFeatures: array({
      name: string,
      minVersion: int16,
      maxVersion: int16,
    })
      .since(3)
      .tagged(0)
      .ignorable(),
    // -1: there are none yet. Otherwise the offset of the metadata they were read at.
    finalizedFeaturesEpoch: offset.since(3).default(-1).tagged(1).ignorable(),
    finalizedFeatures: array({
      name: string,
      maxVersionLevel: int16,
      minVersionLevel: int16,
    })
      .since(3)
      .tagged(2)
      .ignorable(),
    zkMigrationReady: bool.since(3).default(false).tagged(3).ignorable(),
  },
});

export type ApiVersionsRequest = RequestOf<typeof apiVersions>;
export type ApiVersionsResponse = ResponseOf<typeof apiVersions>;
