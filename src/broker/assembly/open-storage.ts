import { LogDirectory } from '../../storage/log-directory.ts';
import { cleanerLimits } from '../configs/cleaner-limits.ts';
import { logIntervals } from '../configs/log-intervals.ts';
import type { BrokerCore } from './broker-core.ts';

/** Opens the broker's logs. Rejects with RefusedStart and DiskError. */
export function openStorage(core: BrokerCore): Promise<LogDirectory> {
  const { world, options, settings, topicSettings } = core;
  return LogDirectory.open(world, {
    ...(options.openFiles === undefined ? {} : { openFiles: options.openFiles }),
    path: options.dataDirectory,
    clusterId: options.clusterId,
    brokerId: options.brokerId,
    configOf: (topic) => topicSettings.of(topic).log,
    intervals: logIntervals(settings),
    cleaner: () => cleanerLimits(settings),
    onStorageError: (error) => {
      world.log.error('a log is out of order', { error });
      // A log that cannot even be opened is offline; it must not keep the others from being served. With a
      // full disk a leader would refuse all writes and a follower hold up those of others, where brokers with
      // room can go on.
      const ends = error.fault === 'write' || error.fault === 'sync' || error.fault === 'full';
      if (core.epoch !== -1 && ends) core.onFatal(error);
    },
  });
}
