import { orderedParts, type QuotaEntity, type QuotaImage } from '../../metadata/quotas.ts';
import type { ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import {
  type DescribeClientQuotasRequest,
  describeClientQuotas,
} from '../../protocol/messages/48-describe-client-quotas.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

type Component = DescribeClientQuotasRequest['components'][number];

const ENTITY_TYPES = ['user', 'client-id', 'ip'];
const EXACT = 0;
const DEFAULT = 1;
const ANY = 2;

/**
 * DescribeClientQuotas v0-1 (KIP-546): the quotas that a filter means.
 */
export const describeClientQuotasHandler = handle(
  describeClientQuotas,
  { versions: [0, 1], operations: ['CLUSTER:DESCRIBE_CONFIGS'] },
  (context: BrokerContext, { components, strict }, info): ResponseOf<typeof describeClientQuotas> => {
    if (!info.authorize('DESCRIBE_CONFIGS', 'CLUSTER', CLUSTER_NAME))
      return failed('CLUSTER_AUTHORIZATION_FAILED', null);
    const problem = invalid(components);
    if (problem !== null) return failed('INVALID_REQUEST', problem);
    const found = [...context.image().quotas.all()].filter(({ entity }) =>
      matches(entity, components, strict),
    );
    return { throttleTimeMs: 0, errorCode: 0, errorMessage: null, entries: found.map(entryOf) };
  },
);

function invalid(components: readonly Component[]): string | null {
  for (const { entityType, matchType, match } of components) {
    if (entityType === '') return 'Unexpected empty entity type.';
    if (!ENTITY_TYPES.includes(entityType)) return `Custom entity type '${entityType}' not supported.`;
    if (components.filter((other) => other.entityType === entityType).length > 1)
      return `Entity type ${entityType} cannot appear more than once in the filter.`;
    if (matchType !== EXACT && matchType !== DEFAULT && matchType !== ANY)
      return `Unknown match type ${matchType}`;
    if (matchType === EXACT && match === null)
      return 'Request specified MATCH_TYPE_EXACT, but set match string to null.';
    if (matchType !== EXACT && match !== null)
      return 'Request specified a match type without a name, but set the match string.';
  }
  return null;
}

/** Strict filters name every part of the entity. */
function matches(entity: QuotaEntity, components: readonly Component[], strict: boolean): boolean {
  if (strict && entity.length !== components.length) return false;
  return components.every(({ entityType, matchType, match }) => {
    const part = entity.find((one) => one.entityType === entityType);
    if (!part) return false;
    return matchType === ANY || part.entityName === (matchType === DEFAULT ? null : match);
  });
}

function entryOf({ entity, values }: QuotaImage) {
  return {
    entity: orderedParts(entity),
    values: [...values].map(([key, value]) => ({ key, value })),
  };
}

function failed(error: ErrorName, errorMessage: string | null): ResponseOf<typeof describeClientQuotas> {
  return { throttleTimeMs: 0, errorCode: errorCode(error), errorMessage, entries: null };
}
