import { operation } from './operation.ts';
import { structure } from './shape.ts';

/** Which program answers here, and in which data folder it works. */
export const describeServer = operation({
  name: 'DescribeServer',
  input: structure({}),
  handle: ({ options: { version, dataDirectory, region, account } }) => ({
    ...(version === undefined ? {} : { version }),
    processId: process.pid,
    dataDirectory,
    startedAt: new Date(Date.now() - process.uptime() * 1000).toISOString(),
    region,
    account,
  }),
});
