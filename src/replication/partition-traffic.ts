/** What went through one replica since it was opened: plain counters, counted once for each batch or read. */
export class PartitionTraffic {
  /** Appended by clients and coordinators, while this broker led. */
  bytesIn = 0;
  messagesIn = 0;
  appends = 0;
  /** Read by consumers, and by followers. */
  bytesOut = 0;
  bytesToFollowers = 0;
  /** Copied from the leader. */
  bytesFromLeader = 0;

  add(other: PartitionTraffic): void {
    this.bytesIn += other.bytesIn;
    this.messagesIn += other.messagesIn;
    this.appends += other.appends;
    this.bytesOut += other.bytesOut;
    this.bytesToFollowers += other.bytesToFollowers;
    this.bytesFromLeader += other.bytesFromLeader;
  }
}
