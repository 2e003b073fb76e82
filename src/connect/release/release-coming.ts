/**
 * There can be no workers yet, since Kafka Connect is being fetched. The message is a sentence that says how
 * far it is.
 */
export class ReleaseComing extends Error {}
