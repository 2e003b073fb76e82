import { repeated } from '../../base/repeated.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import type { ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { describeUserScramCredentials } from '../../protocol/messages/50-describe-user-scram-credentials.ts';
import { NO_MESSAGE } from '../../protocol/no-message.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';

type Response = ResponseOf<typeof describeUserScramCredentials>;
type Result = Response['results'][number];

/**
 * DescribeUserScramCredentials v0 (KIP-554): which mechanisms each user has, and with how many iterations.
 */
export const describeUserScramCredentialsHandler = handle(
  describeUserScramCredentials,
  { versions: [0, 0], operations: ['CLUSTER:DESCRIBE'], listeners: ['controller'] },
  async (context: ControllerContext, request, info): Promise<Response> => {
    if (!info.authorize('DESCRIBE', 'CLUSTER', CLUSTER_NAME))
      return failed('CLUSTER_AUTHORIZATION_FAILED', request.users?.length);
    const names = request.users?.map(({ name }) => name) ?? [];
    const results = await context.command(({ image }) => ({ records: [], answer: describe(image, names) }));
    if (results === NOT_CONTROLLER) return failed('NOT_CONTROLLER');
    return { throttleTimeMs: 0, errorCode: 0, errorMessage: NO_MESSAGE, results };
  },
);

/** No names ask for all users. */
function describe({ scram }: ClusterImage, names: readonly string[]): Result[] {
  const users = new Map<string, { mechanism: number; iterations: number }[]>();
  for (const { name, mechanism, iterations } of scram.all()) {
    const infos = users.get(name) ?? [];
    infos.push({ mechanism, iterations });
    users.set(name, infos);
  }
  const twice = repeated(names);
  const asked = names.length === 0 ? [...users.keys()] : [...new Set(names)];
  return asked.map((user): Result => {
    const credentialInfos = users.get(user) ?? [];
    if (twice.has(user))
      return refused(
        user,
        'DUPLICATE_RESOURCE',
        `Cannot describe SCRAM credentials for the same user twice in a single request: ${user}`,
      );
    if (credentialInfos.length === 0)
      return refused(
        user,
        'RESOURCE_NOT_FOUND',
        `Attempt to describe a user credential that does not exist: ${user}`,
      );
    return { user, errorCode: 0, errorMessage: NO_MESSAGE, credentialInfos };
  });
}

function refused(user: string, error: ErrorName, errorMessage: string): Result {
  return { user, errorCode: errorCode(error), errorMessage, credentialInfos: [] };
}

/** As Kafka's: one result for each user that was asked for, without the name. */
function failed(error: ErrorName, users = 0): Response {
  const told = { errorCode: errorCode(error), errorMessage: null };
  const results = Array.from({ length: users }, () => ({ ...told, user: '', credentialInfos: [] }));
  return { throttleTimeMs: 0, ...told, results };
}
