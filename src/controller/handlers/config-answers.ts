import { repeated } from '../../base/repeated.ts';
import type { EncodableMetadataRecord } from '../../metadata/records.ts';
import { errorCode } from '../../protocol/errors.ts';
import type { Refusal } from '../../protocol/refusal.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import type { RequestInfo } from '../../server/handler.ts';
import { type ConfigResource, configResourceType } from '../configs-control.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';
import type { DecisionState } from '../decision-state.ts';
import { RECORDS_MAX, TOO_MANY } from '../operation-limits.ts';

type AlterConfigsInfo = RequestInfo<'TOPIC:ALTER_CONFIGS' | 'GROUP:ALTER_CONFIGS' | 'CLUSTER:ALTER_CONFIGS'>;

interface AskedResource {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly { readonly name: string; readonly value: string | null }[];
}

interface ResourceAnswer {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resourceType: number;
  readonly resourceName: string;
}

/**
 * What AlterConfigs and IncrementalAlterConfigs have in common: each resource on its own, those that may be
 * changed are. As in Kafka none is where it would be more than one operation may.
 */
export async function alterResources<Asked extends AskedResource>(
  context: ControllerContext,
  info: AlterConfigsInfo,
  request: { readonly resources: readonly Asked[]; readonly validateOnly: boolean },
  alter: (
    state: DecisionState,
    resource: ConfigResource,
    asked: Asked,
  ) => readonly EncodableMetadataRecord[] | Refusal,
): Promise<ResourceAnswer[]> {
  const { resources, validateOnly } = request;
  const answers = await context.change((state) => {
    const records: EncodableMetadataRecord[] = [];
    const twice = repeated(resources.map(keyOf));
    const refusals: (Refusal | null)[] = [];
    for (const asked of resources) {
      const resource = checkResource(asked, twice, info);
      const altered = 'error' in resource ? resource : alter(state, resource, asked);
      refusals.push('error' in altered ? altered : null);
      if ('error' in altered) continue;
      for (const record of altered) records.push(record);
      if (records.length > RECORDS_MAX) return { records: [], answer: resources.map(() => TOO_MANY) };
    }
    return { records: validateOnly ? [] : records, answer: refusals };
  });
  return resources.map(({ resourceType, resourceName }, i) => {
    const refusal: Refusal | null | undefined =
      answers === NOT_CONTROLLER ? { error: 'NOT_CONTROLLER', message: '' } : answers[i];
    return {
      errorCode: errorCode(refusal?.error ?? 'NONE'),
      errorMessage: refusal?.message ?? null,
      resourceType,
      resourceName,
    };
  });
}

function keyOf({ resourceType, resourceName }: AskedResource): string {
  return `${resourceType} ${resourceName}`;
}

function checkResource(
  asked: AskedResource,
  twice: ReadonlySet<string>,
  info: AlterConfigsInfo,
): ConfigResource | Refusal {
  const { resourceType, resourceName: name, configs } = asked;
  const type = configResourceType(resourceType);
  if (!type) return { error: 'INVALID_REQUEST', message: `Unexpected resource type ${resourceType}.` };
  if (twice.has(keyOf(asked)))
    return { error: 'INVALID_REQUEST', message: 'Each resource must appear at most once.' };
  const names = configs.map((config) => config.name);
  if (new Set(names).size !== names.length)
    return { error: 'INVALID_REQUEST', message: 'Error due to duplicate config keys' };
  switch (type) {
    case 'topic':
      if (info.authorize('ALTER_CONFIGS', 'TOPIC', name)) return { type, name };
      return { error: 'TOPIC_AUTHORIZATION_FAILED', message: 'Topic authorization failed.' };
    case 'group':
      if (info.authorize('ALTER_CONFIGS', 'GROUP', name)) return { type, name };
      return { error: 'GROUP_AUTHORIZATION_FAILED', message: 'Group authorization failed.' };
    default:
      if (info.authorize('ALTER_CONFIGS', 'CLUSTER', CLUSTER_NAME)) return { type, name };
      return { error: 'CLUSTER_AUTHORIZATION_FAILED', message: 'Cluster authorization failed.' };
  }
}

/** Kafka's words for values that are missing where one is needed. */
export function nullValues(names: readonly string[]): Refusal | null {
  if (names.length === 0) return null;
  return { error: 'INVALID_REQUEST', message: `Null value not supported for : ${names.join(', ')}` };
}
