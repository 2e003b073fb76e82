import * as acls from './acls.ts';
import * as caRenewal from './ca-renewal.ts';
import * as clientCas from './client-cas.ts';
import * as clusterOperations from './cluster-operations.ts';
import * as clusters from './clusters.ts';
import * as configurations from './configurations.ts';
import * as connectivity from './connectivity.ts';
import * as disk from './disk.ts';
import * as events from './events.ts';
import * as faults from './faults.ts';
import * as health from './health.ts';
import * as iamAccess from './iam-access.ts';
import * as monitoring from './monitoring.ts';
import * as nodes from './nodes.ts';
import type { ApiOperation } from './operation.ts';
import * as policies from './policies.ts';
import * as ports from './ports.ts';
import * as queue from './queue.ts';
import * as scaling from './scaling.ts';
import * as scramSecrets from './scram-secrets.ts';
import * as security from './security.ts';
import * as serverProcess from './server-process.ts';
import * as storage from './storage.ts';
import * as tags from './tags.ts';
import * as topics from './topics.ts';
import * as updates from './updates.ts';
import * as versions from './versions.ts';

/** The operations that are built, by their names. Each export of these modules is one. */
export const BUILT: ReadonlyMap<string, ApiOperation> = new Map(
  [
    acls,
    caRenewal,
    clientCas,
    clusterOperations,
    clusters,
    configurations,
    connectivity,
    disk,
    events,
    faults,
    health,
    iamAccess,
    monitoring,
    nodes,
    policies,
    ports,
    queue,
    scaling,
    scramSecrets,
    security,
    serverProcess,
    storage,
    tags,
    topics,
    updates,
    versions,
  ].flatMap((module) => Object.values(module).map((built): [string, ApiOperation] => [built.name, built])),
);
