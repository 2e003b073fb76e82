/** The conditions that a history may have, whatever its features are. */
export const TRAITS = [
  /**
   * Checkpoints are written, and retention, expiry and compaction run, about every second; otherwise at
   * Kafka's defaults.
   */
  'short intervals',
  /** Segments of all topics are rolled after about a second. */
  'short segments',
  /** When a broker starts, checkpoints are missing, or are older than what was written. */
  'lost checkpoints',
  /** Some log cannot be opened when a broker starts, a topic is made or a partition is moved. */
  'refused logs',
  'failed renames',
  /** There are pauses of up to a minute in which clients do little. */
  'quiet',
  /** The clock of a broker is days ahead for a while. */
  'days',
  /** The configs of topics change, and those of brokers between their lives. */
  'changing configs',
  /** Partitions of every topic move between brokers, with two copies or three. */
  'moves',
  /** Brokers have volumes, which are full now and then. */
  'full volumes',
  /**
   * Bytes between nodes arrive seconds late, after the sender gave the connection up and sent the same over
   * another.
   */
  'late requests',
  /** Brokers are unregistered, and come back with their old disk or an empty one. */
  'unregistered brokers',
  /** Preferred leaders are elected on demand. */
  'elections',
  /** Brokers' disks fail to write and to sync now and then. */
  'failing disks',
  /** The controller hangs, its clock jumps, or its disk is slow, full or fails. */
  'harmed controller',
  /** All brokers are stopped and started again, one after the other. */
  'rolling restarts',
  /** min.insync.replicas of topics is raised and lowered, the coordinators' too. */
  'changing minimum',
  /** Replicas that are not in sync are throttled, by rates that change. */
  'throttled replicas',
] as const;
export type Trait = (typeof TRAITS)[number];
