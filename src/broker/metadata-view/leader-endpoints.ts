import type { BrokerId } from '../../base/brand.ts';
import type { RequestInfo } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

/** Where these brokers are for whoever asked, so that it need not ask for metadata first (KIP-951). */
export function leaderEndpoints(
  context: Pick<BrokerContext, 'image'>,
  info: RequestInfo,
  brokers: readonly BrokerId[],
): { nodeId: BrokerId; host: string; port: number; rack: string | null }[] {
  const { brokers: known } = context.image();
  return [...new Set(brokers)].flatMap((id) => {
    const broker = known.byId(id);
    const endpoint = broker?.endpoints.find(({ name }) => name === info.listenerName);
    if (!broker || broker.fenced || !endpoint) return [];
    return [{ nodeId: id, host: endpoint.host, port: endpoint.port, rack: broker.rack }];
  });
}
