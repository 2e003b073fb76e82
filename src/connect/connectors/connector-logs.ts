import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from '../../control/aws/arn.ts';
import type { DeliveredLog } from '../../log-delivery/delivered-log.ts';
import type { Connector } from '../state/connector.ts';
import { WorkerFiles } from '../worker/worker-files.ts';

/** As many digits as MSK Connect's names of workers have. */
const WORKER_DIGITS = 17;

/**
 * The logs of a connector's workers, also of those that it no longer has, with the targets of its
 * `logDelivery`. MSK Connect's names: of keys `PREFIX/AWSLogs/ACCOUNT/KafkaConnectLogs/REGION/UUID-N/…`, of
 * workers `Worker-0bb8afa0b01391c41`, which begins each line. `folder`: of the connector; `without`: a text
 * without its secrets.
 */
export function connectorLogs(
  { name, uuid, arn, logDelivery }: Connector,
  { account, region }: Place,
  folder: string,
  without: (text: string) => string,
): DeliveredLog[] {
  const { cloudWatchLogs, s3 } = logDelivery?.workerLogDelivery ?? {};
  const group = cloudWatchLogs?.enabled ? cloudWatchLogs.logGroup : undefined;
  const bucket = s3?.enabled ? s3.bucket : undefined;
  if ((group === undefined && bucket === undefined) || !existsSync(folder)) return [];
  const id = arn.split('/').at(-1) ?? uuid;
  return readdirSync(folder)
    .filter((one) => one.startsWith('worker-'))
    .map((one) => {
      const files = new WorkerFiles(join(folder, one));
      const worker = `Worker-${createHash('sha256').update(`${uuid}/${one}`).digest('hex').slice(0, WORKER_DIGITS)}`;
      return {
        ...{ owner: `connector ${name}`, file: files.log, folder: files.folder },
        targets: {
          ...(group === undefined ? {} : { logGroup: { group, stream: `${name}-${id}_${worker}` } }),
          ...(bucket === undefined
            ? {}
            : {
                bucket: {
                  bucket,
                  folder: join(s3?.prefix ?? '', 'AWSLogs', account, 'KafkaConnectLogs', region, id),
                  source: worker,
                },
              }),
        },
        told: (lines) =>
          Buffer.from(without(lines.toString('utf8')).replaceAll(/(^|\n)(?=[^\n])/g, `$1[${worker}] `)),
      };
    });
}
