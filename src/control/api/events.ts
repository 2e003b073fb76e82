import { operation } from './operation.ts';
import { integerText, optional, string, structure } from './shape.ts';

/** Without `maxResults`. */
const USUAL = 100;

/**
 * What happened to a cluster, also to one that is gone, or to all and the control plane; those behind the
 * event `after`.
 */
export const listEvents = operation({
  name: 'ListEvents',
  input: structure({
    /** Name or ARN. */
    cluster: optional(string({ min: 1, max: 2048 })),
    after: optional(integerText({ min: 0, max: Number.MAX_SAFE_INTEGER })),
    maxResults: optional(integerText({ min: 1, max: 5_000 })),
  }),
  handle: ({ events }, { cluster, after, maxResults = USUAL }) => ({
    events: events
      .list({
        most: maxResults,
        ...(cluster === undefined ? {} : { cluster }),
        ...(after === undefined ? {} : { after }),
      })
      .map(({ id, at, kind, cluster, message }) => ({
        id,
        time: new Date(at).toISOString(),
        kind,
        ...(cluster ? { clusterName: cluster.name, clusterArn: cluster.arn } : {}),
        message,
      })),
  }),
});
