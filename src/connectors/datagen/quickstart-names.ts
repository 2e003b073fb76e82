/** What DatagenConnector can make up, under Confluent's names. */
export const QUICKSTART_NAMES = ['ORDERS', 'USERS', 'PAGEVIEWS', 'STOCK_TRADES', 'RATINGS'] as const;
export type QuickstartName = (typeof QUICKSTART_NAMES)[number];
