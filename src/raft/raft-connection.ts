import type { Api } from '../protocol/api.ts';
import type { Decoded, Encodable, Fields } from '../protocol/field.ts';

/**
 * How an observer reaches the leader; the client's KafkaConnection is one. Rejections are operating errors.
 */
export interface RaftConnection {
  send<Req extends Fields, Res extends Fields>(
    api: Api<Req, Res>,
    request: Encodable<Req>,
    options?: { readonly timeoutMs?: number },
  ): Promise<Decoded<Res>>;
  close(): void;
}
