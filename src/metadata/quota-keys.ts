/** What a quota of Kafka bounds, and the type of its number. */
export const userAndClientQuotaKeys = {
  producer_byte_rate: 'LONG',
  consumer_byte_rate: 'LONG',
  request_percentage: 'DOUBLE',
  controller_mutation_rate: 'DOUBLE',
} as const;

/** Of an address. */
export const ipQuotaKeys = { connection_creation_rate: 'INT' } as const;

export type QuotaKey = keyof typeof userAndClientQuotaKeys | keyof typeof ipQuotaKeys;
