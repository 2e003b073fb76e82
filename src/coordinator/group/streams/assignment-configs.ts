/** What was in force when the group's targets were made last, by config. */
export type AssignmentConfigs = ReadonlyMap<string, string>;
