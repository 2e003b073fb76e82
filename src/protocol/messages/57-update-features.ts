import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int8, int16, int32, string } from '../field.ts';

/**
 * 2: all or nothing, without results per feature.
 */
export const updateFeatures = api({
  name: 'UpdateFeatures',
  key: 57,
  versions: [0, 2],
  flexible: 0,
  request: {
    timeoutMs: int32.default(60000),
    featureUpdates: array({
      feature: string,
      maxVersionLevel: int16,
      allowDowngrade: bool.between(0, 0),
      // 1 up, 2 down without loss of metadata, 3 down whatever it costs.
      upgradeType: int8.since(1).default(1),
    }),
    validateOnly: bool.since(1).default(false),
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    errorMessage: string.nullable(),
    results: array({
      feature: string,
      errorCode: int16,
      errorMessage: string.nullable(),
    })
      .between(0, 1)
      .ignorable(),
  },
});

export type UpdateFeaturesRequest = RequestOf<typeof updateFeatures>;
export type UpdateFeaturesResponse = ResponseOf<typeof updateFeatures>;
