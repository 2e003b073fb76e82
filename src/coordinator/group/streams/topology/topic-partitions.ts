/** How many partitions a topic has, or is to have; undefined while that is not known. */
export type PartitionsOfTopic = (topic: string) => number | undefined;
