import { ownCopy } from '../../../base/own-copy.ts';
import type { JoinGroupRequest, JoinGroupResponse } from '../../../protocol/messages/11-join-group.ts';
import type { LATER } from '../../decision.ts';
import type { Waiter } from '../../waiter.ts';
import type { ClientContext } from '../client-context.ts';
import type { MemberProtocol } from './member.ts';

/** Consumers offer one to three ways to assign. */
const PROTOCOLS_MAX = 1000;
/**
 * What a member may say under all its protocols: four times the largest record in which a generation could be
 * written. It is kept as long as the member is there, and nothing else bounds it but the size of a frame.
 */
const METADATA_BYTES_MAX = 4 * 1024 * 1024;

export type JoinAnswer = JoinGroupResponse | typeof LATER;

/** A JoinGroup as the decisions about it read it. */
export interface Joining {
  readonly client: ClientContext;
  readonly request: JoinGroupRequest;
  readonly protocols: readonly MemberProtocol[];
  readonly rebalanceTimeoutMs: number;
  readonly reason: string;
  readonly waiter: Waiter<JoinGroupResponse>;
}

/** Whether a group can hold what the member offers. */
export function isModest(protocols: JoinGroupRequest['protocols']): boolean {
  if (protocols.length > PROTOCOLS_MAX) return false;
  return protocols.reduce((bytes, { metadata }) => bytes + metadata.length, 0) <= METADATA_BYTES_MAX;
}

export function joining(
  client: ClientContext,
  request: JoinGroupRequest,
  waiter: Waiter<JoinGroupResponse>,
): Joining {
  const protocols = new Map<string, MemberProtocol>();
  for (const { name, metadata } of request.protocols) {
    // A copy: what arrived is a slice of a whole request. Kafka keeps the first of two with one name.
    if (!protocols.has(name)) protocols.set(name, { name, metadata: ownCopy(metadata) });
  }
  return {
    client,
    request,
    protocols: [...protocols.values()],
    // Version 0 has no rebalance timeout; the session timeout stands for both.
    rebalanceTimeoutMs:
      client.apiVersion === 0 ? request.sessionTimeoutMs : Math.max(0, request.rebalanceTimeoutMs),
    reason: request.reason ?? 'not provided',
    waiter,
  };
}
