import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, float64, int8, int16, int32, string } from '../field.ts';

export const describeClientQuotas = api({
  name: 'DescribeClientQuotas',
  key: 48,
  versions: [0, 1],
  flexible: 1,
  request: {
    components: array({
      entityType: string,
      // 0 the name given, 1 the default entity, 2 any name.
      matchType: int8,
      match: string.nullable(),
    }),
    strict: bool,
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    errorMessage: string.nullable(),
    entries: array({
      entity: array({
        entityType: string,
        entityName: string.nullable(),
      }),
      values: array({
        key: string,
        value: float64,
      }),
    }).nullable(),
  },
});

export type DescribeClientQuotasRequest = RequestOf<typeof describeClientQuotas>;
export type DescribeClientQuotasResponse = ResponseOf<typeof describeClientQuotas>;
