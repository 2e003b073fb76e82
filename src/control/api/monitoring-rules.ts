import { type ApiError, badRequest } from '../aws/api-error.ts';
import { BUCKET_NAME } from '../aws/buckets.ts';
import type { LogTargets } from '../state/log-targets.ts';
import type { ProvisionedRequest } from './cluster-shapes.ts';
import { notBuilt } from './not-built.ts';

/** MSK's rules for a new cluster and for one that is changed; null when all is right. */
export function wrongMonitoring({ loggingInfo }: Pick<ProvisionedRequest, 'loggingInfo'>): ApiError | null {
  return loggingInfo ? wrongLogging(loggingInfo) : null;
}

/** CloudWatch's rule for the name of a log group. */
const LOG_GROUP = /^[.\-_/#A-Za-z0-9]{1,512}$/;

/** What is not delivered is refused, and so is a target whose name would lead out of its folder. */
function wrongLogging({
  brokerLogs,
  authorizerLogs,
}: NonNullable<ProvisionedRequest['loggingInfo']>): ApiError | null {
  const at = 'loggingInfo.brokerLogs';
  const { cloudWatchLogs, s3, firehose } = brokerLogs;
  if (firehose?.enabled) return notBuilt('Delivery of logs to Firehose', `${at}.firehose`);
  if (authorizerLogs && Object.values(authorizerLogs).some((target) => target?.enabled))
    return notBuilt('Delivery of the logs of the authorizer', 'loggingInfo.authorizerLogs');
  return wrongLogTargets({ cloudWatchLogs, s3 }, at);
}

/** Targets of logs that may be had; null when these are. `at`: the member of the request that they are in. */
export function wrongLogTargets({ cloudWatchLogs, s3 }: LogTargets, at: string): ApiError | null {
  if (cloudWatchLogs?.enabled) {
    const { logGroup = '' } = cloudWatchLogs;
    if (!LOG_GROUP.test(logGroup) || leadsOut(logGroup))
      return badRequest(
        'A log group has 1 to 512 letters, digits and characters of . - _ / #, and no folder "..".',
        `${at}.cloudWatchLogs.logGroup`,
      );
  }
  if (!s3?.enabled) return null;
  if (!BUCKET_NAME.test(s3.bucket ?? ''))
    return badRequest('The name of a bucket must be given as S3 allows it.', `${at}.s3.bucket`);
  return leadsOut(s3.prefix ?? '')
    ? badRequest('The prefix of keys must not have a folder "..".', `${at}.s3.prefix`)
    : null;
}

function leadsOut(path: string): boolean {
  return path.split('/').includes('..') || path.includes('\0');
}
