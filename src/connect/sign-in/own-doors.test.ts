import { expect, test } from 'vitest';
import { silent } from '../../base/log.ts';
import type { Control } from '../../control/control.ts';
import type { Cluster } from '../../control/state/cluster.ts';
import type { Acl } from '../../security/acl/acl.ts';
import type { Connector } from '../state/connector.ts';
import { ownAcls } from './own-acls.ts';
import { OwnDoors } from './own-doors.ts';

const ACLS = ownAcls({ group: 'g', configs: 'c', offsets: 'o', status: 's' }, 'User:alice');
const CLUSTER = { arn: 'cluster' } as Cluster;
const CONNECTOR = { arn: 'connector', name: 'orders', hasRun: false } as Connector;

/** A cluster that keeps ACLs, and what it was asked to keep. */
function doors() {
  const asked: (readonly Acl[])[] = [];
  const acls = {
    all: async () => [],
    create: async (wanted: readonly Acl[]) => void asked.push(wanted),
    awaitChange: async () => {},
  };
  const control = { connect: () => ({ acls, close: async () => {} }) };
  return { asked, made: new OwnDoors({ log: silent }, control as unknown as Pick<Control, 'connect'>) };
}

test('what a connector has for itself is closed once', async () => {
  const { asked, made } = doors();
  await made.close(CONNECTOR, CLUSTER, ACLS);
  await made.close(CONNECTOR, CLUSTER, ACLS);
  expect(asked).toEqual([ACLS]);
});

test('nothing is remembered of a connector that is gone', async () => {
  const { asked, made } = doors();
  await made.close(CONNECTOR, CLUSTER, ACLS);
  made.forget(CONNECTOR.arn);
  await made.close(CONNECTOR, CLUSTER, ACLS);
  expect(asked).toEqual([ACLS, ACLS]);
});
