/** How a follower fetches, each under the broker config that says it. */
export interface FetchLimits {
  /** replica.fetch.wait.max.ms: how long a leader may keep a fetch that finds nothing new. */
  readonly waitMaxMs: number;
  /** replica.fetch.min.bytes */
  readonly minBytes: number;
  /** replica.fetch.max.bytes: of one partition; a larger batch is sent all the same. */
  readonly partitionBytesMax: number;
  /** replica.fetch.response.max.bytes: of a whole answer. */
  readonly responseBytesMax: number;
  /** replica.fetch.backoff.ms: after an error, of the connection or of one partition. */
  readonly backoffMs: number;
  /** replica.socket.timeout.ms: how long an answer may take. */
  readonly answerTimeoutMs: number;
}
