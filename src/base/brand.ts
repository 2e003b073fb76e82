declare const brand: unique symbol;

/** A number or string that must not be mixed with another of the same shape. */
type Brand<T, Name extends string> = T & { readonly [brand]?: Name };

export type Offset = Brand<number, 'Offset'>;
export type LeaderEpoch = Brand<number, 'LeaderEpoch'>;
export type BrokerId = Brand<number, 'BrokerId'>;
export type ProducerId = Brand<number, 'ProducerId'>;
/** A Kafka UUID in its own spelling: 22 characters of unpadded base64url. */
export type Uuid = Brand<string, 'Uuid'>;

export const ZERO_UUID: Uuid = 'AAAAAAAAAAAAAAAAAAAAAA';
