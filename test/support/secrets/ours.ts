/** Matches command lines of Millrace and of the workers of Kafka Connect that it runs in Java. */
export const OURS = /millrace\.mjs|dist\/main\.js|src\/main\.ts|org\.apache\.kafka\.connect/;
