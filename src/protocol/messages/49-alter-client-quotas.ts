import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, float64, int16, int32, string } from '../field.ts';

export const alterClientQuotas = api({
  name: 'AlterClientQuotas',
  key: 49,
  versions: [0, 1],
  flexible: 1,
  request: {
    entries: array({
      entity: array({
        entityType: string,
        // Null is the default of all entities of the type.
        entityName: string.nullable(),
      }),
      ops: array({
        key: string,
        value: float64,
        remove: bool,
      }),
    }),
    validateOnly: bool,
  },
  response: {
    throttleTimeMs: int32.default(0),
    entries: array({
      errorCode: int16,
      errorMessage: string.nullable(),
      entity: array({
        entityType: string,
        entityName: string.nullable(),
      }),
    }),
  },
});

export type AlterClientQuotasRequest = RequestOf<typeof alterClientQuotas>;
export type AlterClientQuotasResponse = ResponseOf<typeof alterClientQuotas>;
