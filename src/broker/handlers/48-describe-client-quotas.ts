import { orderedParts, type QuotaEntity, type QuotaImage } from '../../metadata/quotas.ts';
import type { ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import {
  type DescribeClientQuotasRequest,
  describeClientQuotas,
} from '../../protocol/messages/48-describe-client-quotas.ts';
import { NO_MESSAGE } from '../../protocol/no-message.ts';
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
  (
    context: Pick<BrokerContext, 'image'>,
    { components, strict },
    info,
  ): ResponseOf<typeof describeClientQuotas> => {
    if (!info.authorize('DESCRIBE_CONFIGS', 'CLUSTER', CLUSTER_NAME))
      return failed('CLUSTER_AUTHORIZATION_FAILED', null);
    const problem = refused(components);
    if (problem) return failed(problem.error, problem.message);
    const found = [...context.image().quotas.all()].filter(({ entity }) =>
      matches(entity, components, strict),
    );
    return { throttleTimeMs: 0, errorCode: 0, errorMessage: NO_MESSAGE, entries: found.map(entryOf) };
  },
);

/** In the order and the words of Kafka's ClientQuotasImage. */
function refused(
  components: readonly Component[],
): { readonly error: ErrorName; readonly message: string } | null {
  const seen = new Set<string>();
  for (const component of components) {
    const { entityType } = component;
    if (!ENTITY_TYPES.includes(entityType) && entityType !== '')
      return { error: 'UNSUPPORTED_VERSION', message: `Unsupported entity type ${entityType}` };
    const message = seen.has(entityType)
      ? `Entity type ${entityType} cannot appear more than once in the filter.`
      : invalid(component);
    if (message !== null) return { error: 'INVALID_REQUEST', message };
    seen.add(entityType);
  }
  if (seen.has('ip') && seen.size > 1)
    return {
      error: 'INVALID_REQUEST',
      message:
        'Invalid entity filter component combination. IP filter component should not be used with user or clientId filter component.',
    };
  return null;
}

function invalid({ entityType, matchType, match }: Component): string | null {
  if (entityType === '') return 'Invalid empty entity type.';
  switch (matchType) {
    case EXACT:
      return match === null ? 'Request specified MATCH_TYPE_EXACT, but set match string to null.' : null;
    case DEFAULT:
      return match === null
        ? null
        : 'Request specified MATCH_TYPE_DEFAULT, but also specified a match string.';
    case ANY:
      return match === null
        ? null
        : 'Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.';
    default:
      return `Unknown match type ${matchType}`;
  }
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
