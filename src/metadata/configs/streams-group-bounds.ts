import { streamsGroupsConfigs } from './broker/streams-groups-configs.ts';
import type { ConfigKey } from './config-key.ts';
import { groupKeys } from './group-configs.ts';

interface Bounds {
  readonly key: ConfigKey<number>;
  /** Null: the config's own least is all. */
  readonly least: ConfigKey<number> | null;
  readonly most: ConfigKey<number>;
}

/** What may be set for one streams group, with the broker configs that it must be between. */
export const streamsGroupBounds: readonly Bounds[] = [
  {
    key: groupKeys.streamsSessionTimeoutMs,
    least: streamsGroupsConfigs.groupStreamsMinSessionTimeoutMs,
    most: streamsGroupsConfigs.groupStreamsMaxSessionTimeoutMs,
  },
  {
    key: groupKeys.streamsHeartbeatIntervalMs,
    least: streamsGroupsConfigs.groupStreamsMinHeartbeatIntervalMs,
    most: streamsGroupsConfigs.groupStreamsMaxHeartbeatIntervalMs,
  },
  {
    key: groupKeys.streamsAssignmentIntervalMs,
    least: streamsGroupsConfigs.groupStreamsMinAssignmentIntervalMs,
    most: streamsGroupsConfigs.groupStreamsMaxAssignmentIntervalMs,
  },
  {
    key: groupKeys.streamsNumStandbyReplicas,
    least: null,
    most: streamsGroupsConfigs.groupStreamsMaxStandbyReplicas,
  },
];
