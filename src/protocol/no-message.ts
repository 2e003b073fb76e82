/**
 * The message of an answer that is no error, where Apache Kafka 4.3.1 leaves the field as it is in the
 * definition: empty. In most answers it says null instead.
 */
export const NO_MESSAGE = '';
