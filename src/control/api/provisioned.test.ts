import { expectTypeOf, test } from 'vitest';
import type { ProvisionedSpec } from '../state/provisioned-spec.ts';
import type { ProvisionedRequest } from './cluster-shapes.ts';

/** What the API takes and the store keeps field by field; the compiler refuses a difference. */
type Kept =
  | 'brokerNodeGroupInfo'
  | 'clientAuthentication'
  | 'configurationInfo'
  | 'encryptionInfo'
  | 'loggingInfo'
  | 'openMonitoring';

/** A type apart from what of it is read-only. */
type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Plain<T[Key]> }
    : T;

/** Zones that a request names are not kept: they follow from its subnets. */
type Taken = Omit<Pick<ProvisionedRequest, Kept>, 'brokerNodeGroupInfo'> & {
  readonly brokerNodeGroupInfo: Omit<ProvisionedRequest['brokerNodeGroupInfo'], 'zoneIds'>;
};

test('what the API comes to take of a cluster has its place in what is stored', () => {
  expectTypeOf<Plain<Taken>>().toEqualTypeOf<Plain<Pick<ProvisionedSpec, Kept>>>();
});
