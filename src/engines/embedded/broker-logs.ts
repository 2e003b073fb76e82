import { join } from 'node:path';
import type { Control } from '../../control/control.ts';
import type { DeliveredLog } from '../../log-delivery/delivered-log.ts';
import { brokerFolder, clusterFolder, PROCESS_FILES } from './layout.ts';

/**
 * The logs of all brokers that their clusters' `loggingInfo` wants somewhere, with MSK's names for streams
 * and keys.
 */
export function brokerLogs({ store, options }: Pick<Control, 'store' | 'options'>): DeliveredLog[] {
  const { dataDirectory, account, region } = options;
  return store.clusters.all().flatMap((cluster) => {
    const { cloudWatchLogs, s3 } = cluster.spec.loggingInfo?.brokerLogs ?? {};
    const id = cluster.arn.split('/').slice(-2).join('-');
    const group = cloudWatchLogs?.enabled ? cloudWatchLogs.logGroup : undefined;
    const bucket = s3?.enabled ? s3.bucket : undefined;
    return cluster.brokers.map(({ id: broker }) => {
      const folder = join(clusterFolder(dataDirectory, cluster), brokerFolder(broker));
      return {
        ...{ owner: cluster.name, file: join(folder, PROCESS_FILES.log), folder },
        targets: {
          ...(group === undefined ? {} : { logGroup: { group, stream: `${id}_Broker-${broker}` } }),
          ...(bucket === undefined
            ? {}
            : {
                bucket: {
                  bucket,
                  folder: join(s3?.prefix ?? '', 'AWSLogs', account, 'KafkaBrokerLogs', region, id),
                  source: `Broker-${broker}`,
                },
              }),
        },
      };
    });
  });
}
